using System;
using System.Diagnostics;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Labs;

/// <summary>The lab itself: it stands, it loses what it is told to, and it leaves no trace.</summary>
public sealed class LabNetworkTests
{
    private static readonly LabOptions Plain = new() { IsPlainRouting = true };

    [Fact]
    public async Task Lab_leaves_the_machines_own_network_as_it_was()
    {
        RequireLab();
        string before = await HostAsync();
        string id;
        await using (LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites(), Plain))
        {
            id = lab.Id;
            Assert.Equal(before, await HostAsync());
            PingRun run = await PingRun.RunAsync(
                lab.Pod("edge-a-pod1").Network, lab.Pod("edge-b-pod2").Plan.Address6, 2, TimeSpan.FromMilliseconds(10));
            Assert.True(run.IsWhole, run.Output);
        }

        Assert.Equal(before, await HostAsync());
        Assert.DoesNotContain(
            "em" + id, (await Command.RunAsync(["ip", "netns", "list"])).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    [InlineData("INT")]
    public async Task Lab_whose_owner_was_ended_by_a_signal_is_taken_down_with_its_processes(string signal)
    {
        RequireLab();
        string logs = Directory.CreateTempSubdirectory("edgemesh-lab").FullName;
        try
        {
            string program = Path.Combine(AppContext.BaseDirectory, "EdgeMesh.Lab");
            using var owner = Process.Start(new ProcessStartInfo(program, ["hold"])
            {
                RedirectStandardOutput = true,
                UseShellExecute = false,
                Environment = { ["EDGEMESH_LAB_LOGS"] = logs },
            })!;
            string id = (await owner.StandardOutput.ReadLineAsync())!;
            string sleeper = (await owner.StandardOutput.ReadLineAsync())!;
            Assert.True(Directory.Exists("/proc/" + sleeper));
            (await Command.RunAsync(["/bin/kill", "-" + signal, $"{owner.Id}"])).OrThrow();
            await owner.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => !(await Command.RunAsync(["ip", "netns", "list"])).Output.Contains("em" + id) &&
                        !Directory.Exists(Path.Combine(LabRegistry.Root, id)) && !Directory.Exists("/proc/" + sleeper),
                    TimeSpan.FromSeconds(10)),
                (await Command.RunAsync(["ip", "netns", "list"])).Output);
        }
        finally
        {
            Directory.Delete(logs, recursive: true);
        }
    }

    [Fact]
    public async Task Underlay_loses_the_share_of_packets_it_was_told_to()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites(), Plain);
        LabPod from = lab.Pod("edge-a-pod1");
        LabPod to = lab.Pod("cloud-1-pod1");
        await lab.Node("cloud-1").LoseAsync(perMille: 300);
        PingRun lossy = await PingRun.RunAsync(from.Network, to.Plan.Address4, 300, TimeSpan.FromMilliseconds(2));
        Assert.InRange(lossy.RoundTripMicros.Count / (double)lossy.Sent, 0.5, 0.9);
        await lab.Node("cloud-1").LoseAsync(perMille: 0);
        PingRun whole = await PingRun.RunAsync(from.Network, to.Plan.Address4, 300, TimeSpan.FromMilliseconds(2));
        Assert.True(whole.IsWhole, whole.Output);
    }

    private static void RequireLab()
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    private static async Task<string> HostAsync()
    {
        string text = "";
        foreach (string[] command in (string[][])
            [
                ["ip", "-o", "link"], ["ip", "-o", "addr"], ["ip", "route", "show", "table", "all"],
                ["ip", "rule"], ["nft", "-s", "list", "ruleset"],
            ])
        {
            text += (await Command.RunAsync(command)).Output;
        }

        return text;
    }
}

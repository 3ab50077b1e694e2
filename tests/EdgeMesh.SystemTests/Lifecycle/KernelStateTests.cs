using System;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// What the product puts into a node's kernel, puts back, and takes out. Each test builds its own three sites.
/// </summary>
public sealed partial class KernelStateTests
{
    [Fact]
    public async Task Cleanup_leaves_the_node_as_it_was_before()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        LabNamespace node = lab.Node("edge-a").Network;
        (await node.RunAsync(
            "iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "10.244.5.0/24", "-j", "MASQUERADE")).OrThrow();
        string before = await KernelDump.SettledAsync(command => ShellAsync(node, command));
        await using (LabMesh mesh = await LabMesh.StartAsync(lab, new MeshOptions()))
        {
            await AssertReachableAsync(lab, TimeSpan.FromSeconds(2));
            Assert.NotEqual(before, await DumpAsync(node));
            await mesh.Node("edge-a").Control!.StopAsync();
            await mesh.Node("edge-a").Dataplane!.StopAsync();
            CommandResult cleanup = await mesh.Node("edge-a").CleanupAsync();
            Assert.True(cleanup.IsSuccess, cleanup.ErrorOutput);
            KernelDump.AssertSame(before, await DumpAsync(node));

            CommandResult again = await mesh.Node("edge-a").CleanupAsync();
            Assert.True(again.IsSuccess, again.ErrorOutput);
        }
    }

    [Fact]
    public async Task What_somebody_flushed_is_put_back()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        await using LabMesh mesh = await LabMesh.StartAsync(lab, new MeshOptions());
        await AssertReachableAsync(lab, TimeSpan.FromSeconds(2));
        LabNamespace node = lab.Node("edge-a").Network;
        string before = await KernelDump.SettledAsync(command => ShellAsync(node, command));
        foreach (string[] flush in (string[][])
            [
                ["nft", "flush", "ruleset"],
                ["ip", "route", "flush", "dev", "edge_tun0"],
                ["ip", "-6", "route", "flush", "dev", "edge_tun0", "proto", "141"],
                ["ip", "link", "set", "edge_tun0", "down"],
            ])
        {
            (await node.RunAsync(flush)).OrThrow();
            await AssertReachableAsync(lab, TimeSpan.FromSeconds(10));
            string after = "";
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => (after = await DumpAsync(node)) == before, TimeSpan.FromSeconds(10)),
                $"after {string.Join(' ', flush)}:\n{KernelDump.Difference(before, after)}");
        }
    }

    [Fact]
    public async Task Mesh_without_networks_touches_nothing_on_the_node()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        LabNamespace node = lab.Node("edge-a").Network;
        await using LabMesh mesh = await LabMesh.PrepareAsync(lab, new MeshOptions());
        (mesh.Document with { CloudPrefixes = [], EdgePrefixes = [] }).Save(mesh.Node("edge-a").MeshPath);
        string before = WithoutTun(await KernelDump.SettledAsync(command => ShellAsync(node, command)));
        mesh.Node("edge-a").StartDataplane();
        mesh.Node("edge-a").StartControl();
        Assert.True(await Eventually.IsTrueAsync(
            async () => (await mesh.Node("edge-a").RunCliAsync("status")).IsSuccess, TimeSpan.FromSeconds(5)));
        Assert.True(await Eventually.IsTrueAsync(
            async () => (await mesh.Node("edge-a").StatusAsync()).Count("generation") > 0, TimeSpan.FromSeconds(5)));
        KernelDump.AssertSame(
            before, WithoutTun(await KernelDump.SettledAsync(command => ShellAsync(node, command))));
    }

    private static void RequireLab()
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        Assert.SkipWhen(MeshFixture.IsPlain, "EDGEMESH_LAB_PLAIN=1: this test is about the product's processes");
    }

    private static Task<string> DumpAsync(LabNamespace node) =>
        KernelDump.TakeAsync(command => ShellAsync(node, command));

    private static async Task<string> ShellAsync(LabNamespace node, string command) =>
        (await node.RunAsync("/bin/sh", "-c", command)).OrThrow().Output;

    // The link itself, and what the kernel gives each link by itself; nothing of that leads a packet anywhere.
    private static string WithoutTun(string dump) => Tun().Replace(dump, "");

    private static async Task AssertReachableAsync(LabNetwork lab, TimeSpan patience)
    {
        PingRun? run = null;
        Assert.True(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    run = await PingRun.RunAsync(
                        lab.Pod("edge-a-pod1").Network, lab.Pod("cloud-1-pod1").Plan.Address4, 1,
                        TimeSpan.FromSeconds(1));
                    return run.IsWhole;
                },
                patience),
            run?.Output);
    }

    [GeneratedRegex(
        @"^\d+: edge_tun0:.*\n(    .*\n)*|^.* dev edge_tun0 .*proto kernel .*\n",
        RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Tun();
}

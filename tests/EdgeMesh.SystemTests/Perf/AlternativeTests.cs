using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>What the product is compared with: it comes up, carries packets by its own means, and goes.</summary>
public sealed class AlternativeTests
{
    private static readonly EnumerationOptions Subdirectories = new() { RecurseSubdirectories = true };

    [Theory]
    [InlineData("baseline", "underlay0")]
    [InlineData("vxlan", "vxlan0")]
    [InlineData("wireguard-go", "wg")]
    [InlineData("nebula", "nebula1")]
    [InlineData("edgemesh", "edge_tun0")]
    [InlineData("edgemesh:epoll+offload-off", "edge_tun0")]
    public async Task Alternative_comes_up_and_carries_what_it_is_given(string name, string link)
    {
        AlternativePlan plan = AlternativePlan.Parse(name);
        Require(plan);
        await using LabAlternative alternative = await LabAlternative.StartAsync(plan, Topology.Star(1));
        LabPod from = alternative.Lab.Pod("edge-1-pod1");
        LabPod to = alternative.Lab.Pod("cloud-1-pod1");
        PingRun run = await PingRun.RunAsync(from.Network, to.Plan.Address4, 20, TimeSpan.FromMilliseconds(10));
        Assert.True(run.IsWhole, run.Output);

        // The largest packet of its MTU passes uncut, one byte more does not: nothing is fragmented behind our back.
        PingRun whole = await PingRun.RunAsync(
            from.Network, to.Plan.Address4, 2, TimeSpan.FromMilliseconds(10),
            "-M", "do", "-s", $"{plan.PodMtuBytes - 28}");
        Assert.True(whole.IsWhole, whole.Output);

        CommandResult route = await from.Node.Network.RunAsync("ip", "route", "get", to.Plan.Address4.ToString());
        Assert.Contains("dev " + link, route.OrThrow().Output, StringComparison.Ordinal);

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await using var sink = new TcpSink(to.Network.Listen(new IPEndPoint(to.Plan.Address4, 0)));
        using Socket socket = await from.Network.ConnectAsync(sink.EndPoint, limit.Token);
        TransferResult result = await TcpSource.SendAsync(socket, 1, 8 << 20, progress: null, limit.Token);
        Assert.True(result.IsIntact);
        Assert.All(alternative.Daemons, daemon => Assert.True(daemon.IsRunning, daemon.Log));
    }

    [Fact]
    public async Task Several_alternatives_stand_at_once_and_leave_nothing()
    {
        AlternativePlan[] plans =
        [
            .. new[] { "baseline", "wireguard-go", "nebula", "vxlan" }.Select(AlternativePlan.Parse)
                .Where(plan => plan.WhyNot() is null),
        ];
        Assert.SkipWhen(LabSupport.WhyNot() is not null, LabSupport.WhyNot() ?? "");
        var standing = new List<LabAlternative>();
        try
        {
            foreach (AlternativePlan plan in plans)
            {
                standing.Add(await LabAlternative.StartAsync(plan, Topology.Star(1)));
            }

            foreach (LabAlternative alternative in standing)
            {
                PingRun run = await PingRun.RunAsync(
                    alternative.Lab.Pod("cloud-1-pod1").Network,
                    alternative.Lab.Pod("edge-1-pod1").Plan.Address4,
                    3,
                    TimeSpan.FromMilliseconds(10));
                Assert.True(run.IsWhole, run.Output);
            }
        }
        finally
        {
            foreach (LabAlternative alternative in standing)
            {
                await alternative.DisposeAsync();
            }
        }

        string spaces = (await Command.RunAsync(["ip", "netns", "list"])).Output;
        Assert.All(standing, gone => Assert.DoesNotContain("em" + gone.Lab.Id, spaces, StringComparison.Ordinal));
        Assert.All(
            standing.SelectMany(gone => gone.Daemons),
            daemon => Assert.False(Directory.Exists($"/proc/{daemon.Id}"), daemon.Name));
        Assert.All(
            standing, gone => Assert.Empty(Directory.EnumerateFiles("/run", $"wg{gone.Lab.Id}*", Subdirectories)));
    }

    [Theory]
    [InlineData("openvpn")]
    [InlineData("baseline:epoll")]
    [InlineData("edgemesh:fast")]
    [InlineData("edgemesh:workers=none")]
    public void Name_of_no_alternative_is_refused_with_a_sentence(string name)
    {
        LabException refused = Assert.Throws<LabException>(() => AlternativePlan.Parse(name));
        Assert.Contains(name, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Variant_sets_the_options_of_the_dataplane()
    {
        AlternativePlan plan = AlternativePlan.Parse("/other/build:epoll+offload-off+workers=2+pool-mib=8");
        Assert.Equal("epoll", plan.Options.Io);
        Assert.Equal("off", plan.Options.Offload);
        Assert.Equal(2, plan.Options.Workers);
        Assert.Equal(["--pool-mib", "8"], plan.Options.MoreWords);
        Assert.Equal("/other/build", plan.Options.ProgramDirectory);
    }

    private static void Require(AlternativePlan plan)
    {
        string? reason = LabSupport.WhyNot() ?? plan.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
    }
}

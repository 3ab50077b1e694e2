using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>
/// A pod floods pods of two slow peers; another pod of its node pings a pod of a healthy one.
/// <code>
///  cloud-1-pod1 --flood--> edge-1-pod1, edge-2-pod1   of slow peers: 1 Mbit/s, or their data planes stopped
///  cloud-1-pod2 --ping---> edge-3-pod1                of the healthy one
/// </code>
/// </summary>
public sealed class SlowPeersTests
{
    private const int Pings = 200;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("auto", false, null)]
    [InlineData("auto", true, "1")]
    [InlineData("epoll", false, "1")]
    [InlineData("epoll", true, null)]
    public async Task Flood_to_slow_peers_takes_nothing_from_a_healthy_one(
        string io, bool isStopped, string? poolMebibytes)
    {
        Assert.SkipWhen(LabSupport.WhyNot() is not null, LabSupport.WhyNot() ?? "");
        Assert.SkipWhen(MeshFixture.IsPlain, "EDGEMESH_LAB_PLAIN=1: this test is about the product's processes");
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.Star(3));
        var options = new MeshOptions
        {
            Io = io,
            MoreWords = poolMebibytes is null ? [] : ["--pool-mib", poolMebibytes],
        };
        await using LabMesh mesh = await LabMesh.StartAsync(lab, options);
        MeshNode[] slow = [mesh.Node("edge-1"), mesh.Node("edge-2")];
        PingRun run;
        try
        {
            await SlowDownAsync(lab, slow, isStopped);
            run = await PingBesideFloodAsync(lab, slow);
        }
        finally
        {
            Array.ForEach(slow, node => node.Dataplane!.Resume());
        }

        Assert.InRange(run.Sent, Pings / 2, Pings); // fewer on a busy machine, but so few say nothing
        Assert.True(run.IsWhole, run.Output + (await mesh.Node("cloud-1").AskAsync("drops")).Raw);
        await AssertBalanceAsync(mesh.Node("cloud-1"));
    }

    private static async Task SlowDownAsync(LabNetwork lab, MeshNode[] slow, bool isStopped)
    {
        foreach (MeshNode node in slow)
        {
            if (isStopped)
            {
                node.Dataplane!.Suspend();
            }
            else
            {
                await lab.ShapeAsync(node.Node, kilobitsPerSecond: 1000);
            }
        }
    }

    private static async Task<PingRun> PingBesideFloodAsync(LabNetwork lab, IEnumerable<MeshNode> slow)
    {
        const int DatagramBytes = 1200;
        const double PerSecond = 20_000; // 192 Mbit/s to each
        UdpFlood[] floods =
        [
            .. slow.Select(node => new UdpFlood(
                lab.Pod("cloud-1-pod1"), node.Node.Pods[0], DatagramBytes, PerSecond)),
        ];
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(1)); // the pool is under pressure by then
            PingRun run = await PingRun.RunAsync(
                lab.Pod("cloud-1-pod2").Network, lab.Pod("edge-3-pod1").Plan.Address4, Pings,
                TimeSpan.FromMilliseconds(10));
            Assert.All(floods, flood => Assert.InRange(flood.Sent, 1000, long.MaxValue));
            return run;
        }
        finally
        {
            await Task.WhenAll(floods.Select(flood => flood.DisposeAsync().AsTask()));
        }
    }

    private static async Task AssertBalanceAsync(MeshNode node)
    {
        string sums = "";
        Assert.True(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    var page = new MetricsPage(await node.MetricsAsync());
                    double came = page.Sum("edgemesh_packets_total");
                    double went = page.Sum("edgemesh_packets_delivered_total") +
                        page.Sum("edgemesh_packets_dropped_total") + page.Sum("edgemesh_queue_packets");
                    sums = $"came {came}, went or wait {went}";
                    return came == went;
                },
                Patience),
            sums);
    }
}

using System;
using System.Globalization;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>What the kernel drops at the TUN's own queue, before the data plane can read it, is told.</summary>
public sealed class TunQueueDropsTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Drops_of_the_tuns_own_queue_are_counted_as_the_kernel_counts_them()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-a");
        long before = TransmitDropsOf(node.Node.Network);
        node.Dataplane!.Suspend();
        try
        {
            await using var flood = new UdpFlood(
                fixture.Lab.Pod("edge-a-pod1"), fixture.Lab.Pod("cloud-1-pod1"), datagramBytes: 1200, perSecond: 0);
            await Task.Delay(TimeSpan.FromSeconds(1));
        }
        finally
        {
            node.Dataplane.Resume();
        }

        long after = TransmitDropsOf(node.Node.Network);
        Assert.True(after > before, "the flood did not fill the queue");
        string told = "";
        Assert.True(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    long status = (await node.StatusAsync()).Count("tun_queue_drops");
                    (await node.DropsAsync()).TryGetValue("tun_queue_full", out long drops);
                    double metric = new MetricsPage(await node.MetricsAsync()).Sum("edgemesh_tun_queue_drops_total");
                    told = $"status {status}, drops {drops}, metrics {metric}, kernel {after}";
                    return status == after && drops == after && metric == after;
                },
                Patience),
            told);
    }

    private static long TransmitDropsOf(LabNamespace node)
    {
        string line = node.ReadFile("/proc/net/dev").Split('\n')
            .Single(candidate => candidate.TrimStart().StartsWith("edge_tun0:", StringComparison.Ordinal));
        string[] fields = line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(
            ' ', StringSplitOptions.RemoveEmptyEntries);
        return long.Parse(fields[11], CultureInfo.InvariantCulture);
    }
}

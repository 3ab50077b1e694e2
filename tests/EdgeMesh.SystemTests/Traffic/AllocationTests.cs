using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>What 100 000 packets cost the garbage collector of the running processes: nothing.</summary>
public abstract class AllocationTests<TFixture>(TFixture fixture) : IClassFixture<TFixture>
    where TFixture : MeshFixture
{
    private const int Packets = 100_000;

    /// <summary>
    /// Timers of the connections (clock, keep-alives, probes) allocate some kilobytes a second, whatever the packets
    /// do, and a loaded machine takes its time. One object a packet, the smallest being 24 bytes, would be nine times
    /// this.
    /// </summary>
    private const long TimersBytesMax = 256 * 1024;

    private const int RoundsMax = 4;

    [Fact]
    public async Task Packets_allocate_nothing_on_the_workers()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("edge-a-pod1");
        LabPod to = fixture.Lab.Pod("cloud-1-pod1");
        MeshNode[] nodes = [fixture.Mesh.Node("edge-a"), fixture.Mesh.Node("cloud-1")];
        using Socket sink = to.Network.BindUdp(new IPEndPoint(to.Address(isIpv6: false), 0));
        IPEndPoint target = (IPEndPoint)sink.LocalEndPoint!;
        await SendAsync(from, target, Packets / 10); // warm: every pool and buffer is made

        // What a packet allocates shows in every round; a pool that a busy machine's longer queues made larger, in one.
        var rounds = new List<string>();
        bool isFree = false;
        for (int round = 0; round < RoundsMax && !isFree; round++)
        {
            long[] before = await Task.WhenAll(nodes.Select(AllocatedAsync));
            long[] packetsBefore = await Task.WhenAll(nodes.Select(PacketsAsync));
            await SendAsync(from, target, Packets);
            long[] after = await Task.WhenAll(nodes.Select(AllocatedAsync));
            long[] packetsAfter = await Task.WhenAll(nodes.Select(PacketsAsync));
            isFree = true;
            for (int i = 0; i < nodes.Length; i++)
            {
                // Some may be dropped: it floods.
                Assert.InRange(packetsAfter[i] - packetsBefore[i], Packets / 2, long.MaxValue);
                isFree &= after[i] - before[i] <= TimersBytesMax;
                rounds.Add($"round {round}, {nodes[i].Name}: {after[i] - before[i]} bytes");
            }
        }

        Assert.True(isFree, string.Join('\n', rounds));
    }

    // In bursts of a batch with answers awaited would measure the answers; a flood measures the loop.
    private static Task SendAsync(LabPod from, IPEndPoint target, int packets) => Task.Run(() =>
    {
        using Socket socket = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        byte[] payload = new byte[200];
        for (int i = 0; i < packets; i++)
        {
            socket.SendTo(payload, target);
            if (i % 256 == 0)
            {
                Task.Delay(1).Wait(); // so that most get through
            }
        }
    });

    private static Task<long> AllocatedAsync(MeshNode node) => SumAsync(node, "edgemesh_worker_allocated_bytes_total");

    private static Task<long> PacketsAsync(MeshNode node) => SumAsync(node, "edgemesh_packets_delivered_total");

    private static async Task<long> SumAsync(MeshNode node, string name)
    {
        string text = await node.MetricsAsync();
        return text.Split('\n')
            .Where(line => line.StartsWith(name, StringComparison.Ordinal))
            .Sum(line => long.Parse(
                line.AsSpan(line.LastIndexOf(' ') + 1), NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>
/// Packets that no kernel would route into the TUN, sent there by a packet socket of the node. The lab is drawn at
/// <see cref="MeshFixture"/>.
/// </summary>
public sealed class RawPacketTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private const string Own = "10.244.5.11";
    private const string Other = "10.244.1.11";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Each_bad_packet_is_dropped_for_its_reason_and_the_sum_holds()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-a");
        using TunSocket tun = await TunSocket.OpenAsync(node.Node.Network);
        foreach ((string what, string reason, byte[] packet) in BadPackets())
        {
            long before = await DropsAsync(node, reason);
            tun.Send(packet);
            Assert.True(
                await Eventually.IsTrueAsync(async () => await DropsAsync(node, reason) == before + 1, Patience),
                $"{what}: {reason} was {before}, now: {(await node.AskAsync("drops")).Raw}");
        }

        // A good one, by the same way, arrives: what was dropped was dropped for what it is.
        long delivered = (await fixture.Mesh.Node("cloud-1").StatusAsync()).Count("packets_delivered");
        tun.Send(CraftedPacket.Ping(Own, Other, 7));
        Assert.True(await Eventually.IsTrueAsync(
            async () => (await fixture.Mesh.Node("cloud-1").StatusAsync()).Count("packets_delivered") == delivered + 1,
            Patience));
        await AssertSumAsync(node, BadPackets().Count());
    }

    [Fact]
    public async Task Random_packets_are_all_accounted_for()
    {
        fixture.RequireMesh();
        const int Packets = 3000;
        MeshNode node = fixture.Mesh.Node("edge-b");
        using TunSocket tun = await TunSocket.OpenAsync(node.Node.Network);
        int seed = Environment.TickCount;
        var random = new Random(seed);
        byte[] proper = CraftedPacket.Ping("10.244.6.11", Other, 8);
        for (int i = 0; i < Packets; i++)
        {
            byte[] packet = [.. proper, .. new byte[random.Next(1400)]];
            for (int flips = random.Next(5); flips > 0; flips--)
            {
                packet[random.Next(proper.Length)] = (byte)random.Next(256);
            }

            packet = packet[..random.Next(1, packet.Length + 1)];
            tun.Send(packet);
            if (i % 100 == 0)
            {
                await Task.Delay(1); // the kernel's queue holds 512
            }
        }

        Assert.True(node.Dataplane!.IsRunning, $"seed {seed}: {node.Dataplane.Log}");
        await AssertSumAsync(node, Packets / 2);
    }

    private static IEnumerable<(string What, string Reason, byte[] Packet)> BadPackets()
    {
        byte[] ping = CraftedPacket.Ping(Own, Other, 9);
        byte[] Changed(int at, byte value)
        {
            byte[] packet = [.. ping];
            packet[at] = value;
            return packet;
        }

        yield return ("one byte", "malformed", [0x45]);
        yield return ("half a header", "malformed", ping[..12]);
        yield return ("a header without its last byte", "malformed", ping[..19]);
        yield return ("version 5", "malformed", Changed(0, 0x55));
        yield return ("version 0", "malformed", Changed(0, 0x05));
        yield return ("header length 4 words", "malformed", Changed(0, 0x44));
        yield return ("header length beyond the packet", "malformed", Changed(0, 0x4f));
        yield return ("total length too long", "malformed", Changed(2, 0x70));
        yield return ("total length too short", "malformed", Changed(3, 21));
        yield return ("bytes behind the packet", "malformed", [.. ping, 0]);
        yield return ("IPv6, half a header", "malformed", [0x60, .. new byte[20]]);
        yield return ("IPv6, length too long", "malformed", [0x60, 0, 0, 0, 0, 9, .. new byte[34]]);
        yield return ("somebody else's source", "source_not_local", CraftedPacket.Ping("192.0.2.1", Other, 9));
        yield return ("back to us", "hairpin", CraftedPacket.Ping(Other, Own, 9));
        yield return ("to nobody", "no_route", CraftedPacket.Ping(Own, "198.51.100.1", 9));
        yield return ("to everybody", "martian", CraftedPacket.Ping(Own, "255.255.255.255", 9));
        yield return ("to a group", "martian", CraftedPacket.Ping(Own, "224.0.0.1", 9));
        yield return ("to itself", "martian", CraftedPacket.Ping(Own, "127.0.0.1", 9));
    }

    private static async Task AssertSumAsync(MeshNode node, long inMin)
    {
        string sums = "";
        Assert.True(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    CliView status = await node.StatusAsync();
                    long came = status.Count("packets_in") + status.Count("packets_received");
                    long went = status.Count("packets_sent") + status.Count("packets_delivered") +
                        status.Count("packets_dropped");
                    sums = $"{node.Name}: in {came}, out {went}; {status.Raw}";
                    return came == went && status.Count("packets_in") >= inMin;
                },
                Patience),
            sums);
    }

    private static async Task<long> DropsAsync(MeshNode node, string reason) =>
        (await node.DropsAsync()).TryGetValue(reason, out long packets) ? packets : 0;
}

using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

/// <summary>What the forwarder notes about fragmented datagrams.</summary>
public sealed class FragmentTests
{
    private const ulong Seed = 7;
    private readonly PacketPool _pool = new(1 << 20);
    private readonly Forwarder _forwarder = new(Seed);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fragments_belong_to_their_datagrams_flow(bool isV4)
    {
        uint flow = Note(Datagram(isV4, 500, 1000)).Flow;
        foreach (byte[] fragment in Fragments(isV4, 1000, id: 1))
        {
            Assert.Equal(flow, Note(fragment).Flow);
        }

        uint other = Note(Datagram(isV4, 500, 1001)).Flow;
        Assert.NotEqual(flow, other);
        Assert.All(Fragments(isV4, 1001, id: 2), fragment => Assert.Equal(other, Note(fragment).Flow));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Fragments_have_their_datagrams_number_and_whole_packets_none(bool isV4)
    {
        Assert.Equal(0u, Note(Datagram(isV4, 500, 1000)).Datagram);
        HashSet<uint> first = [.. Fragments(isV4, 1000, id: 1).Select(fragment => Note(fragment).Datagram)];
        HashSet<uint> second = [.. Fragments(isV4, 1000, id: 2).Select(fragment => Note(fragment).Datagram)];
        Assert.NotEqual(0u, Assert.Single(first));
        Assert.NotEqual(0u, Assert.Single(second));
        Assert.NotEqual(first, second);
        Assert.Equal(0u, Note(Datagram(isV4, 500, 1000)).Datagram);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Interleaved_datagrams_of_one_and_of_several_flows_are_told_apart(bool isV4)
    {
        List<byte[]>[] datagrams =
            [.. Enumerable.Range(0, 20).Select(i => Fragments(isV4, (ushort)(1000 + (i % 3)), (uint)(65_530 + i)))];
        uint[] numbers = [.. datagrams.Select(fragments => Note(fragments[0]).Datagram)];
        uint[] flows = [.. datagrams.Select((_, i) => Note(Datagram(isV4, 10, (ushort)(1000 + (i % 3)))).Flow)];
        Assert.Equal(datagrams.Length, numbers.Distinct().Count());
        for (int piece = 1; piece < datagrams[0].Count; piece++)
        {
            for (int i = 0; i < datagrams.Length; i++)
            {
                Assert.Equal((flows[i], numbers[i]), Note(datagrams[i][piece]));
            }
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Identification_that_is_used_again_at_once_is_another_datagram(bool isV4)
    {
        var numbers = new HashSet<uint>();
        for (int i = 0; i < 10; i++)
        {
            ushort port = (ushort)(1000 + i);
            uint flow = Note(Datagram(isV4, 10, port)).Flow;
            List<(uint Flow, uint Datagram)> noted = [.. Fragments(isV4, port, id: 0).Select(Note)];
            Assert.All(noted, note => Assert.Equal((flow, noted[0].Datagram), note));
            Assert.True(numbers.Add(noted[0].Datagram));
        }
    }

    [Fact]
    public void Same_identification_between_other_addresses_or_of_another_protocol_is_another_datagram()
    {
        byte[][] packets =
        [
            SamplePackets.Udp4(1000),
            SamplePackets.Udp4(1000, source: SamplePackets.PodA + 1),
            SamplePackets.Udp4(1000, destination: SamplePackets.PodB + 1),
            SamplePackets.Tcp4(1000, 1),
            SamplePackets.Udp6(1000),
        ];
        List<byte[]>[] datagrams = [.. packets.Select(packet => SampleVariants.Fragments(packet, 400, 5))];
        uint[] numbers = [.. datagrams.Select(fragments => Note(fragments[0]).Datagram)];
        Assert.Equal(packets.Length, numbers.Distinct().Count());
        Assert.Equal(numbers, datagrams.Select(fragments => Note(fragments[1]).Datagram));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Later_fragments_without_the_first_keep_together_in_the_pairs_flow(bool isV4)
    {
        List<byte[]> datagram = Fragments(isV4, 1000, id: 3);
        (uint flow, uint number) = Note(datagram[1]);
        Assert.NotEqual(0u, number);
        Assert.Equal((flow, number), Note(datagram[2]));
        Assert.Equal(flow, Note(Fragments(isV4, 2000, id: 4)[1]).Flow);
    }

    [Fact]
    public void More_datagrams_than_are_remembered_still_have_numbers_and_flows()
    {
        List<byte[]>[] datagrams =
            [.. Enumerable.Range(0, 1000).Select(i => Fragments(isV4: true, 1000, (uint)i))];
        uint flow = Note(SamplePackets.Udp4(10)).Flow;
        foreach (List<byte[]> datagram in datagrams)
        {
            Assert.Equal(flow, Note(datagram[0]).Flow);
        }

        // The last ones are remembered; which of the others, the places that they share decide.
        Assert.All(datagrams[^50..], datagram => Assert.NotEqual(0u, Note(datagram[1]).Datagram));
        Assert.Equal(flow, Note(datagrams[^1][2]).Flow);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(63)]
    public void Numbers_of_two_workers_are_far_apart(int worker)
    {
        WorkerOptions options = new() { NodeName = "a", Workers = 64, Instance = 1, FlowSeed = Seed };
        Assert.Equal(Seed, options.FlowSeedOf(0));
        var other = new Forwarder(options.FlowSeedOf(worker));
        byte[] fragment = Fragments(isV4: true, 1000, id: 1)[0];
        using Packet packet = SamplePackets.Rent(_pool, fragment);
        Assert.Equal(DropReason.None, other.Route(packet, SampleRoutes.SeenByA, out _));
        Assert.InRange(packet.DatagramId - Note(fragment).Datagram, 1u << 20, uint.MaxValue - (1 << 20));
    }

    [Fact]
    public void Datagram_number_moves_with_the_packet_and_ends_with_it()
    {
        Assert.True(_pool.TryRent(Limits.PacketBytesMax, out Packet? packet));
        packet.SetLength(100);
        packet.DatagramId = 8;
        packet = _pool.Shrink(packet);
        Assert.Equal(8u, packet.DatagramId);
        packet.Dispose();
        Assert.True(_pool.TryRent(100, out packet));
        Assert.Equal(0u, packet.DatagramId);
        packet.Dispose();
    }

    [Fact]
    public void Routing_fragments_allocates_nothing()
    {
        Packet[] packets =
        [
            .. Fragments(isV4: true, 1000, id: 1).Concat(Fragments(isV4: false, 1000, id: 1))
                .Select(fragment => SamplePackets.Rent(_pool, fragment)),
        ];
        Route(packets);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 300; i++)
            {
                Route(packets);
            }
        }));
    }

    private static byte[] Datagram(bool isV4, int bytes, ushort port) =>
        isV4 ? SamplePackets.Udp4(bytes, sourcePort: port) : SamplePackets.Udp6(bytes, port);

    private static List<byte[]> Fragments(bool isV4, ushort port, uint id) =>
        SampleVariants.Fragments(Datagram(isV4, 3000, port), 1400, id);

    private void Route(Packet[] packets)
    {
        foreach (Packet packet in packets)
        {
            _forwarder.Route(packet, SampleRoutes.SeenByA, out _);
        }
    }

    private (uint Flow, uint Datagram) Note(byte[] bytes)
    {
        using Packet packet = SamplePackets.Rent(_pool, bytes);
        Assert.Equal(DropReason.None, _forwarder.Route(packet, SampleRoutes.SeenByA, out _));
        return (packet.FlowHash, packet.DatagramId);
    }
}

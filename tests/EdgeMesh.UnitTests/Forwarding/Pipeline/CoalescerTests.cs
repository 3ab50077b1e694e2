using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

public sealed class CoalescerTests
{
    private readonly PacketPool _pool = new(8 << 20);

    [Fact]
    public void Run_of_equal_datagrams_becomes_one_super_packet()
    {
        byte[][] datagrams = [.. Enumerable.Range(0, 10).Select(i => SamplePackets.Udp4(100, id: (ushort)(9 + i)))];
        Packet super = Assert.Single(Coalesce(datagrams));
        OffloadHeader offload = OffloadHeader.Read(super.OffloadHeader);
        Assert.Equal(
            new OffloadHeader
            {
                Flags = 1,
                RawType = (byte)OffloadType.Udp,
                HeaderLength = 28,
                SegmentSize = 100,
                ChecksumStart = 20,
                ChecksumOffset = 6,
            },
            offload);
        Assert.True(super.IsOffloaded);
        Assert.Equal(datagrams.Length, super.Parts);
        Assert.Equal(28 + 1000, super.Length);
        Assert.Equal(0xFFFF, SamplePackets.SlowChecksum(super.Bytes[..20]));
        Assert.Equal(datagrams, SegmenterTests.Cut(super, _pool));

        // What we make must pass the check that we ask of others.
        byte[] value = super.WithHeadroom(10).ToArray();
        Assert.Equal(
            DropReason.None,
            Deliverer.Check(
                CapsuleType.OffloadedPacket, value, SampleRoutes.PeerA, SampleRoutes.SeenByB, HelloFeatures.All));
        super.Dispose();
        Assert.Equal(0, _pool.RentedBytes);
    }

    [Fact]
    public void Run_of_tcp_segments_becomes_one_super_packet_and_ends_with_its_push()
    {
        byte[][] segments =
        [
            SamplePackets.Tcp6(1000, uint.MaxValue - 500),
            SamplePackets.Tcp6(1000, 499),
            SamplePackets.Tcp6(300, 1499, TcpHeader.Ack | TcpHeader.Psh),
            SamplePackets.Tcp6(1000, 1799),
        ];
        List<Packet> packets = Coalesce(segments);
        Assert.Equal(2, packets.Count);
        Assert.Equal((byte)OffloadType.Tcp6, OffloadHeader.Read(packets[0].OffloadHeader).RawType);
        Assert.Equal(segments[..3], SegmenterTests.Cut(packets[0], _pool));
        Assert.Equal(segments[3], packets[1].Bytes.ToArray());
        Assert.False(packets[1].IsOffloaded);
        Assert.Equal([3, 1], packets.Select(packet => packet.Parts));
        Return(packets);
    }

    [Fact]
    public void Shorter_datagram_ends_a_run_and_a_longer_one_begins_another()
    {
        byte[][] datagrams =
        [
            SamplePackets.Udp6(100), SamplePackets.Udp6(100), SamplePackets.Udp6(60), // one
            SamplePackets.Udp6(60), SamplePackets.Udp6(60), // two
            SamplePackets.Udp6(61), // three
        ];
        List<Packet> packets = Coalesce(datagrams);
        Assert.Equal([40 + 8 + 260, 40 + 8 + 120, 40 + 8 + 61], packets.Select(packet => packet.Length));
        Return(packets);
    }

    [Fact]
    public void Interleaved_flows_are_put_together_side_by_side()
    {
        byte[][] datagrams =
            [.. Enumerable.Range(0, 40).Select(i => SamplePackets.Udp6(100, sourcePort: (ushort)(i % 4)))];
        List<Packet> packets = Coalesce(datagrams);
        Assert.Equal(4, packets.Count);
        Assert.All(packets, packet => Assert.Equal(48 + 1000, packet.Length));
        Return(packets);
    }

    [Fact]
    public void More_flows_than_runs_lose_nothing()
    {
        byte[][] datagrams =
            [.. Enumerable.Range(0, 100).Select(i => SamplePackets.Udp6(100, sourcePort: (ushort)(i % 10)))];
        List<Packet> packets = Coalesce(datagrams);
        Assert.Equal(100 * 100, packets.Sum(packet => packet.Length - 48));
        Return(packets);
    }

    [Fact]
    public void Run_ends_at_64_packets_and_at_the_longest_packet()
    {
        byte[][] small = [.. Enumerable.Range(0, 130).Select(_ => SamplePackets.Udp6(10))];
        Assert.Equal([64, 64, 2], Coalesce(small).Select(packet => (packet.Length - 48) / 10));
        byte[][] large = [.. Enumerable.Range(0, 50).Select(_ => SamplePackets.Udp6(1400))];
        Assert.Equal([46, 4], Coalesce(large).Select(packet => (packet.Length - 48) / 1400));
    }

    [Fact]
    public void Wrong_checksum_is_never_repaired()
    {
        for (int wrong = 0; wrong < 3; wrong++)
        {
            byte[][] datagrams = [SamplePackets.Udp6(100), SamplePackets.Udp6(100), SamplePackets.Udp6(100)];
            datagrams[wrong][60] ^= 1;
            List<Packet> packets = Coalesce(datagrams);
            Assert.Contains(packets, packet => !packet.IsOffloaded && packet.Bytes.SequenceEqual(datagrams[wrong]));
            Return(packets);
        }
    }

    [Fact]
    public void Partial_checksums_need_no_summing_and_mix_with_complete_ones()
    {
        byte[] partial = SamplePackets.Udp6(100);
        OffloadHeader offload = SamplePackets.MakePartial(partial);
        var coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        byte[] header = new byte[10];
        offload.Write(header);
        Assert.True(coalescer.TryTake(header, partial));
        Assert.True(coalescer.TryTake(header, partial));
        Assert.True(coalescer.TryTake(default, SamplePackets.Udp6(100)));
        Assert.True(coalescer.TryFlush(out Packet? super));
        Assert.Equal(348, super.Length);
        Assert.False(coalescer.TryFlush(out _));
        super.Dispose();
    }

    [Fact]
    public void Lone_packet_comes_out_as_it_went_in()
    {
        byte[] partial = SamplePackets.Udp6(100);
        OffloadHeader offload = SamplePackets.MakePartial(partial);
        byte[] header = new byte[10];
        offload.Write(header);
        var coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        Assert.True(coalescer.TryTake(header, partial));
        Assert.True(coalescer.TryFlush(out Packet? packet));
        Assert.Equal(partial, packet.Bytes.ToArray());
        Assert.Equal(header, packet.OffloadHeader.ToArray());
        Assert.True(packet.IsOffloaded);
        Assert.Equal(Limits.SmallSlotBytes, packet.SlotBytes);
        packet.Dispose();
    }

    [Fact]
    public void Packet_that_can_not_be_merged_pushes_its_flow_out_first()
    {
        var coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        Assert.True(coalescer.TryTake(default, SamplePackets.Tcp4(100, 1)));
        Assert.False(coalescer.TryPoll(out _));
        Assert.False(coalescer.TryTake(default, SamplePackets.Tcp4(0, 101, TcpHeader.Ack | TcpHeader.Fin)));
        Assert.True(coalescer.TryPoll(out Packet? ready));
        Assert.Equal(140, ready.Length);
        Assert.False(coalescer.TryFlush(out _));
        ready.Dispose();
    }

    [Fact]
    public void What_must_stay_single_is_not_taken()
    {
        var coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        byte[] fragment = SamplePackets.Udp4(100);
        fragment[6] = 0x20;
        byte[] withoutChecksum = SamplePackets.Udp4(100);
        withoutChecksum[26] = 0;
        withoutChecksum[27] = 0;
        byte[][] singles =
        [
            fragment,
            withoutChecksum,
            SamplePackets.Icmp4(8),
            SamplePackets.Udp4(0),
            SamplePackets.Tcp4(0, 1),
            SamplePackets.Tcp4(10, 1, TcpHeader.Ack | TcpHeader.Psh),
            SamplePackets.Tcp4(10, 1, TcpHeader.Syn),
            SamplePackets.Tcp4(10, 1, TcpHeader.Ack | TcpHeader.Urg),
            SamplePackets.Tcp4(10, 1, TcpHeader.Ack | TcpHeader.Cwr),
            [],
        ];
        foreach (byte[] single in singles)
        {
            Assert.False(coalescer.TryTake(default, single));
            Assert.False(coalescer.TryPoll(out _));
        }

        var none = new Coalescer(_pool, mergesTcp: false, mergesUdp: false);
        Assert.False(none.TryTake(default, SamplePackets.Udp4(100)));
        Assert.False(none.TryTake(default, SamplePackets.Tcp4(100, 1)));
    }

    [Fact]
    public void Different_headers_are_not_merged()
    {
        byte[] first = SamplePackets.Tcp4(100, 1, id: 5);
        byte[][] others =
        [
            SamplePackets.Tcp4(100, 102, id: 6), // a hole
            SamplePackets.Tcp4(100, 1, id: 6), // a repetition
            SamplePackets.Tcp4(100, 101, id: 7), // an identification that segmentation would not restore
            SamplePackets.Tcp4(100, 101, TcpHeader.Ack | TcpHeader.Ece, id: 6),
            SamplePackets.Tcp4(100, 101, id: 6, options: new byte[4]),
        ];
        foreach (byte[] other in others)
        {
            List<Packet> packets = Coalesce([first, other]);
            Assert.Equal([first, other], packets.Select(packet => packet.Bytes.ToArray()));
            Return(packets);
        }
    }

    [Fact] // the strongest test: what comes out, cut again, is what went in, and each flow is in order
    public void Coalescing_and_segmenting_gives_the_same_packets_in_each_flows_order() =>
        Gen.Select(Gen.Int[0, 11], Gen.Int[1, 4], Gen.Int[0, 20]).Array[0, 120].Sample(
            choices =>
            {
                byte[][] packets = Mixture(choices);
                var pool = new PacketPool(8 << 20);
                var segments = new List<byte[]>();
                foreach (Packet packet in Coalesce(packets, pool))
                {
                    bool isSuper = OffloadHeader.Read(packet.OffloadHeader).RawType != 0;
                    segments.AddRange(isSuper ? SegmenterTests.Cut(packet, pool) : [packet.Bytes.ToArray()]);
                    packet.Dispose();
                }

                Assert.Equal(ByFlow(packets), ByFlow(segments));
                Assert.Equal(0, pool.RentedBytes);
            },
            iter: 300);

    [Fact]
    public void Exhausted_pool_leaves_packets_single()
    {
        var pool = new PacketPool(2 * Limits.BlockBytes);
        Assert.True(pool.TryRent(Limits.PacketBytesMax, out Packet? hog));
        byte[][] datagrams = [SamplePackets.Udp6(1000), SamplePackets.Udp6(1000), SamplePackets.Udp6(1000)];
        List<Packet> packets = Coalesce(datagrams, pool, new PacketPool(1 << 20));
        Assert.Equal(3, packets.Count);
        hog.Dispose();
    }

    [Fact]
    public void Coalescing_allocates_nothing()
    {
        var coalescer = new Coalescer(_pool, mergesTcp: true, mergesUdp: true);
        byte[] udp = SamplePackets.Udp6(100);
        Round(coalescer, udp);
        int rounds = 1;
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 50; i++)
            {
                Round(coalescer, udp);
                rounds++;
            }
        }));
        Assert.Equal(rounds * 98, coalescer.Merged);
    }

    private static void Round(Coalescer coalescer, byte[] packet)
    {
        Packet? ready;
        for (int i = 0; i < 100; i++)
        {
            coalescer.TryTake(default, packet);
            while (coalescer.TryPoll(out ready))
            {
                ready.Dispose();
            }
        }

        while (coalescer.TryFlush(out ready))
        {
            ready.Dispose();
        }
    }

    // Twelve kinds of packets over a few flows, with sequences that mostly continue.
    private static byte[][] Mixture((int Kind, int Size, int Slip)[] choices)
    {
        var packets = new List<byte[]>();
        uint sequence = 1;
        ushort id = 1;
        foreach ((int kind, int size, int slip) in choices)
        {
            int bytes = size == 4 ? 700 : size * 100;
            switch (kind)
            {
                case <= 2:
                    packets.Add(SamplePackets.Udp4(bytes, id: id));
                    break;
                case <= 4:
                    packets.Add(SamplePackets.Udp6(bytes, sourcePort: (ushort)kind));
                    break;
                case <= 10:
                    byte push = slip == 1 ? TcpHeader.Psh : (byte)0;
                    packets.Add(SamplePackets.Tcp4(bytes, sequence, (byte)(TcpHeader.Ack | push), id));
                    sequence += (uint)bytes;
                    break;
                default:
                    packets.Add(SamplePackets.Tcp4(0, sequence, id: id));
                    break;
            }

            id += slip == 2 ? (ushort)5 : (ushort)1;
        }

        return [.. packets];
    }

    private static List<string> ByFlow(IEnumerable<byte[]> packets) =>
    [
        .. packets.GroupBy(FlowOf).OrderBy(flow => flow.Key, StringComparer.Ordinal)
            .Select(flow => $"{flow.Key}: {string.Join(' ', flow.Select(Convert.ToHexString))}"),
    ];

    private static string FlowOf(byte[] packet) => packet[0] >> 4 == 4
        ? $"4 {packet[9]} {Convert.ToHexString(packet.AsSpan(20, 4))}"
        : $"6 {packet[6]} {Convert.ToHexString(packet.AsSpan(40, 4))}";

    private static void Return(List<Packet> packets) => packets.ForEach(packet => packet.Dispose());

    private List<Packet> Coalesce(byte[][] packets) => Coalesce(packets, _pool);

    private static List<Packet> Coalesce(byte[][] packets, PacketPool pool, PacketPool? singles = null)
    {
        var coalescer = new Coalescer(pool, mergesTcp: true, mergesUdp: true);
        var written = new List<Packet>();
        foreach (byte[] packet in packets)
        {
            bool isTaken = coalescer.TryTake(default, packet);
            while (coalescer.TryPoll(out Packet? ready))
            {
                written.Add(ready);
            }

            if (!isTaken)
            {
                written.Add(SamplePackets.Rent(singles ?? pool, packet));
            }
        }

        while (coalescer.TryFlush(out Packet? packet))
        {
            written.Add(packet);
        }

        return written;
    }
}

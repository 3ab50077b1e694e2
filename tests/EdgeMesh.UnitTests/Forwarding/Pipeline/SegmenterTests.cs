using System;
using System.Collections.Generic;
using CsCheck;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

public sealed class SegmenterTests
{
    [Fact]
    public void Segments_join_to_the_payload_and_each_is_a_right_packet() =>
        Gen.Select(Gen.Int[0, 3], Gen.Int[0, 5000], Gen.Int[20, 1460]).Sample(
            (kind, payloadBytes, segmentBytes) =>
            {
                (byte[] packet, OffloadType type) = kind switch
                {
                    0 => (SamplePackets.Tcp4(payloadBytes, uint.MaxValue - 100, TcpHeader.Ack), OffloadType.Tcp4),
                    1 => (SamplePackets.Tcp6(payloadBytes, uint.MaxValue - 100, TcpHeader.Ack), OffloadType.Tcp6),
                    2 => (SamplePackets.Udp4(payloadBytes), OffloadType.Udp),
                    _ => (SamplePackets.Udp6(payloadBytes), OffloadType.Udp),
                };
                CheckSegments(packet, type, segmentBytes);
            },
            iter: 200);

    [Fact]
    public void Flags_that_belong_to_one_end_stay_there()
    {
        const byte Flags = TcpHeader.Ack | TcpHeader.Psh | TcpHeader.Fin | TcpHeader.Cwr | TcpHeader.Ece;
        byte[] packet = SamplePackets.Tcp4(2500, 1, Flags, id: 0xFFFF);
        List<byte[]> segments = Cut(packet, OffloadType.Tcp4, 1000);
        Assert.Equal(3, segments.Count);
        var flags = new List<byte>();
        var ids = new List<int>();
        var sequences = new List<uint>();
        foreach (byte[] segment in segments)
        {
            Assert.True(Ipv4Header.TryParse(segment, out Ipv4Header ip));
            Assert.True(TcpHeader.TryParse(ip.Payload, out TcpHeader tcp));
            flags.Add(tcp.Flags);
            ids.Add(ip.Identification);
            sequences.Add(tcp.Sequence);
        }

        Assert.Equal(
            [
                TcpHeader.Ack | TcpHeader.Cwr | TcpHeader.Ece,
                TcpHeader.Ack | TcpHeader.Ece,
                TcpHeader.Ack | TcpHeader.Psh | TcpHeader.Fin | TcpHeader.Ece,
            ],
            flags);
        Assert.Equal([0xFFFF, 0, 1], ids);
        Assert.Equal([1u, 1001u, 2001u], sequences);
    }

    [Fact]
    public void What_is_no_super_packet_is_refused()
    {
        var pool = new PacketPool(1 << 20);
        byte[] udp = SamplePackets.Udp4(100);
        OffloadHeader offload = DelivererTests.Super(udp, OffloadType.Udp);
        (DropReason Expected, OffloadHeader Header, byte[] Packet)[] samples =
        [
            (DropReason.BadOffload, default, udp),
            (DropReason.BadOffload, offload with { RawType = 1 }, udp),
            (DropReason.BadOffload, offload with { SegmentSize = 0 }, udp),
            (DropReason.BadOffload, offload with { Flags = 0 }, udp),
            (DropReason.BadOffload, offload with { ChecksumStart = 24 }, udp),
            (DropReason.BadOffload, offload, SamplePackets.Icmp4(8)),
            (DropReason.Malformed, offload, udp[..27]),
        ];
        foreach ((DropReason expected, OffloadHeader header, byte[] bytes) in samples)
        {
            using Packet packet = SamplePackets.Rent(pool, bytes, header);
            Assert.Equal(expected, Segmenter.Plan(packet, out _));
        }
    }

    [Fact]
    public void Segments_whose_headers_would_have_no_bound_are_refused()
    {
        var pool = new PacketPool(1 << 20);
        byte[] bytes = SamplePackets.Tcp4(65_000, 1);
        using Packet tiny = SamplePackets.Rent(pool, bytes, DelivererTests.Super(bytes, OffloadType.Tcp4, 48));
        Assert.Equal(DropReason.TooBig, Segmenter.Plan(tiny, out _));
        using Packet small = SamplePackets.Rent(pool, bytes, DelivererTests.Super(bytes, OffloadType.Tcp4, 100));
        Assert.Equal(DropReason.None, Segmenter.Plan(small, out SegmentPlan plan));
        Assert.InRange(plan.Count * (plan.HeaderBytes + 4), 1, Segmenter.OverheadBytesMax);
    }

    [Theory]
    [InlineData(1, 100)] // what may not travel whole travels cut
    [InlineData(7, 15)]
    [InlineData(65535, 1)]
    public void Sizes_that_no_receiver_takes_are_cut_like_others(int segmentBytes, int count)
    {
        byte[] packet = SamplePackets.Tcp4(100, 1);
        Assert.False(OffloadLimits.Allow(
            DelivererTests.Super([.. packet], OffloadType.Tcp4, segmentBytes), packet.Length, HelloFeatures.All));
        List<byte[]> segments = Cut(packet, OffloadType.Tcp4, segmentBytes);
        Assert.Equal(count, segments.Count);
        Assert.All(segments, AssertRight);
    }

    [Fact]
    public void Checksums_are_right_where_a_routing_header_names_the_final_destination()
    {
        var pool = new PacketPool(1 << 20);
        byte[] packet = SamplePackets.Udp6(3000);
        OffloadHeader offload = DelivererTests.Super(packet, OffloadType.Udp) with { ChecksumStart = 48 };
        byte[] routed = SampleVariants.WithExtensions(packet, 1, IpProtocol.Routing);
        routed[24 + 15] ^= 0x5A; // the next router, not what the partial checksum was made for
        using Packet super = SamplePackets.Rent(pool, routed, offload);
        List<byte[]> segments = Cut(super, pool);
        Assert.Equal(3, segments.Count);
        foreach (byte[] segment in segments)
        {
            byte[] arrived = [.. segment[..40], .. segment[48..]];
            arrived[24 + 15] ^= 0x5A;
            arrived[6] = IpProtocol.Udp;
            AssertRight(SampleVariants.CutShort(arrived, arrived.Length));
        }
    }

    [Fact]
    public void Partial_checksum_is_completed_in_place()
    {
        var pool = new PacketPool(1 << 20);
        foreach (byte[] original in new[]
        {
            SamplePackets.Udp4(33), SamplePackets.Tcp4(33, 1), SamplePackets.Udp6(33), SamplePackets.Tcp6(33, 1),
        })
        {
            byte[] partial = [.. original];
            using Packet packet = SamplePackets.Rent(pool, partial, SamplePackets.MakePartial(partial));
            partial.CopyTo(packet.Bytes);
            Assert.Equal(DropReason.None, ChecksumCompleter.Complete(packet));
            Assert.Equal(original, packet.Bytes.ToArray());
            Assert.False(packet.IsOffloaded);
            Assert.Equal(default, OffloadHeader.Read(packet.OffloadHeader));
        }
    }

    [Fact]
    public void Checksum_outside_the_packet_is_refused()
    {
        var pool = new PacketPool(1 << 20);
        byte[] bytes = SamplePackets.Udp4(33);
        OffloadHeader offload = SamplePackets.MakePartial(bytes);
        using Packet packet = SamplePackets.Rent(pool, bytes, offload with { ChecksumStart = 60 });
        Assert.Equal(DropReason.BadOffload, ChecksumCompleter.Complete(packet));
        using Packet super = SamplePackets.Rent(pool, bytes, DelivererTests.Super(bytes, OffloadType.Udp));
        Assert.Equal(DropReason.BadOffload, ChecksumCompleter.Complete(super));
    }

    /// <summary>Cuts a super-packet and gives the segments' bytes.</summary>
    internal static List<byte[]> Cut(byte[] packet, OffloadType type, int segmentBytes)
    {
        var pool = new PacketPool(4 << 20);
        OffloadHeader offload = DelivererTests.Super(packet, type, segmentBytes);
        using Packet super = SamplePackets.Rent(pool, packet, offload);
        super.FlowHash = 99;
        return Cut(super, pool);
    }

    internal static List<byte[]> Cut(Packet super, PacketPool pool)
    {
        Assert.Equal(DropReason.None, Segmenter.Plan(super, out SegmentPlan plan));
        var segments = new List<byte[]>();
        for (int index = 0; index < plan.Count; index++)
        {
            Assert.True(Segmenter.TryCut(super, plan, index, pool, out Packet? segment));
            Assert.Equal(super.FlowHash, segment.FlowHash);
            Assert.False(segment.IsOffloaded);
            segments.Add(segment.Bytes.ToArray());
            segment.Dispose();
        }

        return segments;
    }

    private static void CheckSegments(byte[] packet, OffloadType type, int segmentBytes)
    {
        bool isTcp = type != OffloadType.Udp;
        bool isV4 = packet[0] >> 4 == 4;
        int headerBytes = (isV4 ? 20 : 40) + (isTcp ? 20 : 8);
        byte[] payload = packet[headerBytes..];
        var joined = new List<byte>();
        foreach (byte[] segment in Cut(packet, type, segmentBytes))
        {
            Assert.InRange(segment.Length - headerBytes, Math.Min(1, payload.Length), segmentBytes);
            AssertRight(segment);
            joined.AddRange(segment.AsSpan(headerBytes));
        }

        Assert.Equal(payload, joined);
    }

    private static void AssertRight(byte[] segment)
    {
        if (Ipv4Header.TryParse(segment, out Ipv4Header v4))
        {
            Assert.Equal(segment.Length, v4.TotalLength);
            Assert.Equal(0xFFFF, SamplePackets.SlowChecksum(segment.AsSpan(0, 20)));
        }
        else
        {
            Assert.True(Ipv6Header.TryParse(segment, out Ipv6Header v6));
            Assert.Equal(segment.Length, v6.TotalLength);
        }

        Assert.True(CoalescingCandidate.TryParse(default, segment, out CoalescingCandidate candidate));
        Assert.True(candidate.HasRightChecksum());
    }
}

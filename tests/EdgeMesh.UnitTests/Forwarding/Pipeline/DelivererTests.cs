using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

public sealed class DelivererTests
{
    [Fact]
    public void Honest_packets_pass()
    {
        Assert.Equal(DropReason.None, Check(SamplePackets.Udp4(10)));
        Assert.Equal(DropReason.None, Check(SamplePackets.Tcp6(10, 1)));
        Assert.Equal(DropReason.None, Check(SamplePackets.Icmp4(8)));
    }

    [Fact]
    public void Source_of_another_peer_is_spoofed()
    {
        Assert.Equal(DropReason.SpoofedSource, Check(SamplePackets.Udp4(10, source: 0x0B00_0001)));
        Assert.Equal(DropReason.SpoofedSource, Check(SamplePackets.Udp4(10, source: SamplePackets.PodB)));
        byte[] honest = SamplePackets.Udp4(10);
        Assert.Equal(
            DropReason.SpoofedSource, Deliverer.Check(
                CapsuleType.Packet, honest, 9, SampleRoutes.SeenByB, HelloFeatures.All));
    }

    [Fact]
    public void Destination_that_we_do_not_serve_is_refused()
    {
        Assert.Equal(DropReason.NotLocal, Check(SamplePackets.Udp4(10, destination: 0x0B00_0001)));
        Assert.Equal(DropReason.NotLocal, Check(SamplePackets.Udp4(10, destination: SamplePackets.PodA)));
    }

    [Fact]
    public void Every_truncation_is_malformed()
    {
        foreach (byte[] packet in new[] { SamplePackets.Tcp4(9, 1), SamplePackets.Tcp6(9, 1) })
        {
            for (int length = 0; length < packet.Length; length++)
            {
                Assert.Equal(DropReason.Malformed, Check(packet[..length]));
            }

            Assert.Equal(DropReason.Malformed, Check([.. packet, 0]));
        }
    }

    [Fact]
    public void Partial_checksum_passes_where_it_is_inside_the_packet()
    {
        byte[] packet = SamplePackets.Udp4(10);
        OffloadHeader offload = SamplePackets.MakePartial(packet);
        Assert.Equal(DropReason.None, CheckOffloaded(offload, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { ChecksumStart = 19 }, packet));
        Assert.Equal(DropReason.None, CheckOffloaded(offload with { ChecksumStart = 30 }, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { ChecksumStart = 31 }, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { ChecksumOffset = 65535 }, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { Flags = 5 }, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { HeaderLength = 39 }, packet));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload with { SegmentSize = 1 }, packet));
    }

    [Fact]
    public void Super_packets_pass_and_their_header_length_is_corrected()
    {
        (byte[] Packet, OffloadType Type, int HeaderBytes)[] samples =
        [
            (SamplePackets.Tcp4(3000, 1, options: new byte[12]), OffloadType.Tcp4, 52),
            (SamplePackets.Tcp6(3000, 1), OffloadType.Tcp6, 60),
            (SamplePackets.Udp4(3000), OffloadType.Udp, 28),
            (SamplePackets.Udp6(3000), OffloadType.Udp, 48),
        ];
        foreach ((byte[] packet, OffloadType type, int headerBytes) in samples)
        {
            OffloadHeader offload = Super(packet, type) with { HeaderLength = 1 };
            byte[] value = Join(offload, packet);
            Assert.Equal(DropReason.None, Check(value, CapsuleType.OffloadedPacket));
            Assert.Equal(headerBytes, OffloadHeader.Read(value).HeaderLength);
        }
    }

    [Fact]
    public void Congestion_bit_passes_with_tcp_only()
    {
        byte[] tcp = SamplePackets.Tcp4(3000, 1);
        byte[] udp = SamplePackets.Udp4(3000);
        OffloadHeader onTcp = Super(tcp, OffloadType.Tcp4);
        OffloadHeader onUdp = Super(udp, OffloadType.Udp);
        Assert.Equal(DropReason.None, CheckOffloaded(onTcp with { RawType = 0x81 }, tcp));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(onUdp with { RawType = 0x85 }, udp));
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(onUdp with { RawType = 0x80 }, udp));
    }

    [Fact]
    public void Super_packet_that_contradicts_itself_is_refused()
    {
        byte[] tcp = SamplePackets.Tcp4(3000, 1);
        byte[] udp = SamplePackets.Udp4(3000);
        byte[] icmp = SamplePackets.Icmp4(8);
        OffloadHeader good = Super(tcp, OffloadType.Tcp4);
        OffloadHeader goodUdp = Super(udp, OffloadType.Udp);
        Assert.Equal(DropReason.None, CheckOffloaded(good, tcp));
        (OffloadHeader Header, byte[] Packet)[] liars =
        [
            (good with { RawType = (byte)OffloadType.Tcp6 }, tcp),
            (good with { RawType = (byte)OffloadType.Udp }, tcp),
            (good with { RawType = 3 }, tcp), // UFO, which nobody offers
            (good with { RawType = 7 }, tcp),
            (good with { SegmentSize = 0 }, tcp),
            (good with { Flags = 0 }, tcp),
            (good with { ChecksumStart = 21 }, tcp),
            (good with { ChecksumOffset = 6 }, tcp),
            (good, icmp),
            (good, udp),
            (goodUdp, tcp),
            (goodUdp with { SegmentSize = 23 }, udp), // more than 128 segments
        ];
        foreach ((OffloadHeader header, byte[] packet) in liars)
        {
            Assert.Equal(DropReason.BadOffload, CheckOffloaded(header, packet));
        }
    }

    [Theory]
    [InlineData(OffloadType.Tcp4, 7, 100, false)]
    [InlineData(OffloadType.Tcp4, 1, 100, false)]
    [InlineData(OffloadType.Tcp4, 8, 100, true)]
    [InlineData(OffloadType.Tcp4, 1, 1, true)] // one segment
    [InlineData(OffloadType.Tcp4, 7, 7, true)]
    [InlineData(OffloadType.Tcp4, 7, 8, false)]
    [InlineData(OffloadType.Tcp4, 65534, 100, true)]
    [InlineData(OffloadType.Tcp4, 65535, 100, false)]
    [InlineData(OffloadType.Tcp4, 0, 100, false)]
    [InlineData(OffloadType.Udp, 1, 128, true)]
    [InlineData(OffloadType.Udp, 1, 129, false)]
    [InlineData(OffloadType.Udp, 65534, 100, true)]
    [InlineData(OffloadType.Udp, 65535, 100, false)]
    public void Segments_have_a_least_and_a_largest_size(OffloadType type, int segment, int payload, bool passes)
    {
        byte[] packet = type == OffloadType.Udp ? SamplePackets.Udp4(payload) : SamplePackets.Tcp4(payload, 1);
        DropReason expected = passes ? DropReason.None : DropReason.BadOffload;
        OffloadHeader offload = Super(packet, type, segment);
        Assert.Equal(expected, CheckOffloaded(offload, packet));

        // What the receiver refuses, the sender does not send, though it knows the packet's length only.
        Assert.False(!passes && OffloadLimits.Allow(offload, packet.Length, HelloFeatures.All));
    }

    [Fact]
    public void Every_chain_of_extension_headers_passes_as_the_sender_let_it_pass()
    {
        var forwarder = new Forwarder(flowSeed: 7);
        var pool = new PacketPool(1 << 20);
        byte[] whole = SampleVariants.WithExtensions(SamplePackets.Udp6(4), 20);
        for (int length = 40; length <= whole.Length; length++)
        {
            byte[] packet = SampleVariants.CutShort(whole, length);
            using Packet sent = SamplePackets.Rent(pool, packet);
            Assert.Equal(DropReason.None, forwarder.Route(sent, SampleRoutes.SeenByA, out _));
            Assert.Equal(DropReason.None, Check(packet));
        }
    }

    [Fact]
    public void Packet_without_a_known_upper_protocol_has_no_offload()
    {
        byte[] whole = SampleVariants.WithExtensions(SamplePackets.Udp6(40), 2);
        OffloadHeader partial = SamplePackets.MakePartial([.. whole]) with { ChecksumStart = 56 };
        Assert.Equal(DropReason.None, CheckOffloaded(partial, whole));
        byte[] cut = SampleVariants.CutShort(whole, 54);
        for (ushort start = 0; start < 54; start++)
        {
            OffloadHeader offload = partial with { ChecksumStart = start, ChecksumOffset = 0 };
            Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload, cut));
            OffloadHeader super = offload with { RawType = (byte)OffloadType.Udp, SegmentSize = 10 };
            Assert.Equal(DropReason.BadOffload, CheckOffloaded(super, cut));
        }
    }

    [Fact]
    public void Fragment_is_no_super_packet()
    {
        byte[] packet = SamplePackets.Tcp4(3000, 1);
        OffloadHeader offload = Super(packet, OffloadType.Tcp4);
        packet[6] = 0x20;
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload, packet));
    }

    [Fact]
    public void Udp_length_must_be_the_super_packets()
    {
        byte[] packet = SamplePackets.Udp4(3000);
        OffloadHeader offload = Super(packet, OffloadType.Udp);
        packet[24] = 0;
        Assert.Equal(DropReason.BadOffload, CheckOffloaded(offload, packet));
    }

    [Fact]
    public void Offload_header_that_is_cut_short_is_refused()
    {
        for (int length = 0; length < 10; length++)
        {
            Assert.Equal(DropReason.BadOffload, Check(new byte[length], CapsuleType.OffloadedPacket));
        }

        Assert.Equal(DropReason.Malformed, Check(new byte[10], CapsuleType.OffloadedPacket));
    }

    [Fact]
    public void What_our_device_does_not_take_is_a_bad_offload()
    {
        byte[] tcp4 = SamplePackets.Tcp4(3000, 1);
        byte[] tcp6 = SamplePackets.Tcp6(3000, 1);
        byte[] udp = SamplePackets.Udp4(3000);
        byte[] partial = SamplePackets.Udp4(10);
        (byte[] Value, HelloFeatures Need)[] samples =
        [
            (Join(Super(tcp4, OffloadType.Tcp4), tcp4), HelloFeatures.Tcp),
            (Join(Super(tcp6, OffloadType.Tcp6), tcp6), HelloFeatures.Tcp),
            (Join(Super(udp, OffloadType.Udp), udp), HelloFeatures.Udp),
            (Join(SamplePackets.MakePartial(partial), partial), HelloFeatures.Checksum),
        ];
        foreach ((byte[] value, HelloFeatures need) in samples)
        {
            Assert.Equal(DropReason.None, Check(value, CapsuleType.OffloadedPacket, need));
            Assert.Equal(
                DropReason.BadOffload, Check(value, CapsuleType.OffloadedPacket, HelloFeatures.All & ~need));
            Assert.Equal(DropReason.BadOffload, Check(value, CapsuleType.OffloadedPacket, HelloFeatures.None));
        }
    }

    [Fact]
    public void Checking_allocates_nothing()
    {
        byte[] packet = SamplePackets.Tcp4(3000, 1);
        byte[] value = Join(Super(packet, OffloadType.Tcp4), packet);
        Assert.Equal(DropReason.None, Check(value, CapsuleType.OffloadedPacket));
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                Check(value, CapsuleType.OffloadedPacket);
            }
        }));
    }

    internal static OffloadHeader Super(byte[] packet, OffloadType type, int segmentBytes = 1000) =>
        SamplePackets.MakePartial(packet) with { RawType = (byte)type, SegmentSize = (ushort)segmentBytes };

    private static byte[] Join(OffloadHeader offload, byte[] packet)
    {
        byte[] value = [.. new byte[OffloadHeader.SizeBytes], .. packet];
        offload.Write(value);
        return value;
    }

    private static DropReason CheckOffloaded(OffloadHeader offload, byte[] packet) =>
        Check(Join(offload, packet), CapsuleType.OffloadedPacket);

    private static DropReason Check(
        byte[] value, CapsuleType type = CapsuleType.Packet, HelloFeatures takes = HelloFeatures.All) =>
        Deliverer.Check(type, value, SampleRoutes.PeerA, SampleRoutes.SeenByB, takes);
}

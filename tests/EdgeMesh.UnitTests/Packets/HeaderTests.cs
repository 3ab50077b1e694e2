using System;
using System.Collections.Generic;
using EdgeMesh.Packets.Headers;
using Xunit;

namespace EdgeMesh.UnitTests.Packets;

public sealed class HeaderTests
{
    [Fact]
    public void Fields_of_an_ipv4_tcp_packet_are_read()
    {
        byte[] packet = SamplePackets.Tcp4(10, 0xDEADBEEF, TcpHeader.Ack | TcpHeader.Psh, 77, new byte[12]);
        Assert.True(Ipv4Header.TryParse(packet, out Ipv4Header ip));
        Assert.Equal(20, ip.HeaderBytes);
        Assert.Equal(packet.Length, ip.TotalLength);
        Assert.Equal(SamplePackets.PodA, ip.Source);
        Assert.Equal(SamplePackets.PodB, ip.Destination);
        Assert.Equal(77, ip.Identification);
        Assert.Equal(64, ip.TimeToLive);
        Assert.Equal(IpProtocol.Tcp, ip.Protocol);
        Assert.False(ip.IsFragment);
        Assert.True(TcpHeader.TryParse(ip.Payload, out TcpHeader tcp));
        Assert.Equal(32, tcp.HeaderBytes);
        Assert.Equal(1000, tcp.SourcePort);
        Assert.Equal(2000, tcp.DestinationPort);
        Assert.Equal(0xDEADBEEF, tcp.Sequence);
        Assert.Equal(777u, tcp.Acknowledgment);
        Assert.Equal(TcpHeader.Ack | TcpHeader.Psh, tcp.Flags);
        Assert.Equal(10, tcp.Payload.Length);
    }

    [Fact]
    public void Fields_of_an_ipv6_udp_packet_are_read()
    {
        byte[] packet = SamplePackets.Udp6(10);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header ip));
        Assert.Equal(SamplePackets.PodA6, ip.Source);
        Assert.Equal(SamplePackets.PodB6, ip.Destination);
        Ipv6Upper upper = ip.FindUpper();
        Assert.Equal((IpProtocol.Udp, 40, false), (upper.Protocol, upper.Offset, upper.IsFragment));
        Assert.True(UdpHeader.TryParse(packet.AsSpan(upper.Offset), out UdpHeader udp));
        Assert.Equal((18, 1000, 2000), (udp.Length, udp.SourcePort, udp.DestinationPort));
    }

    [Fact]
    public void Truncated_packets_are_refused_at_each_length()
    {
        byte[] v4 = SamplePackets.Tcp4(5, 1);
        byte[] v6 = SamplePackets.Tcp6(5, 1);
        for (int length = 0; length < v4.Length; length++)
        {
            Assert.False(Ipv4Header.TryParse(v4.AsSpan(0, length), out _));
        }

        for (int length = 0; length < v6.Length; length++)
        {
            Assert.False(Ipv6Header.TryParse(v6.AsSpan(0, length), out _));
        }

        for (int length = 0; length < 20; length++)
        {
            Assert.False(TcpHeader.TryParse(v4.AsSpan(20, length), out _));
        }

        for (int length = 0; length < 8; length++)
        {
            Assert.False(UdpHeader.TryParse(SamplePackets.Udp4(0).AsSpan(20, length), out _));
            Assert.False(IcmpHeader.TryParse(SamplePackets.Icmp4(8).AsSpan(20, length), out _));
        }
    }

    [Fact]
    public void Ipv4_with_impossible_lengths_is_refused()
    {
        byte[] packet = SamplePackets.Udp4(10);
        packet[0] = 0x44; // header of 16 bytes
        Assert.False(Ipv4Header.TryParse(packet, out _));
        packet[0] = 0x4F; // header of 60 bytes in a packet of 38
        Assert.False(Ipv4Header.TryParse(packet, out _));
        packet[0] = 0x55; // version 5
        Assert.False(Ipv4Header.TryParse(packet, out _));
    }

    [Fact]
    public void Extension_headers_are_walked_to_the_upper_protocol()
    {
        // Hop-by-hop (8 bytes), destination options (16), first fragment (8), UDP.
        byte[] payload = new byte[8 + 16 + 8 + 8];
        payload[0] = IpProtocol.DestinationOptions;
        payload[8] = IpProtocol.Fragment;
        payload[9] = 1;
        payload[24] = IpProtocol.Udp;
        payload[27] = 1; // more fragments
        payload[31] = 77;
        Assert.True(Ipv6Header.TryParse(SamplePackets.Ip6(IpProtocol.HopByHop, payload), out Ipv6Header header));
        Ipv6Upper upper = header.FindUpper();
        Assert.Equal((IpProtocol.Udp, 72), (upper.Protocol, upper.Offset));
        Assert.True(upper.IsKnown);
        Assert.True(upper.IsFragment);
        Assert.False(upper.IsLaterFragment);
        Assert.Equal(77u, upper.Identification);
    }

    [Fact]
    public void Walk_stops_behind_a_later_fragment()
    {
        byte[] payload = new byte[16];
        payload[0] = IpProtocol.HopByHop; // what looks like an extension header behind it is payload
        payload[3] = 8;
        Assert.True(Ipv6Header.TryParse(SamplePackets.Ip6(IpProtocol.Fragment, payload), out Ipv6Header header));
        Ipv6Upper upper = header.FindUpper();
        Assert.Equal((IpProtocol.HopByHop, 48, true), (upper.Protocol, upper.Offset, upper.IsLaterFragment));
        Assert.False(upper.IsKnown); // which protocol it is, only the first fragment says
    }

    [Theory]
    [InlineData(8)]
    [InlineData(9)]
    [InlineData(8000)]
    public void Chain_of_extension_headers_is_walked_whatever_its_length(int count)
    {
        byte[] packet = SampleVariants.WithExtensions(SamplePackets.Udp6(10), count);
        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header header));
        Ipv6Upper upper = header.FindUpper();
        Assert.True(upper.IsKnown);
        Assert.Equal((IpProtocol.Udp, 40 + (count * 8)), (upper.Protocol, upper.Offset));
    }

    [Fact]
    public void Chain_that_is_cut_short_at_any_length_has_no_upper_protocol()
    {
        byte[] authenticated = SampleVariants.WithExtensions(SamplePackets.Udp6(0), 1, IpProtocol.Authentication);
        byte[] whole = SampleVariants.WithExtensions(authenticated, 12);
        int chainEnd = whole.Length - 8;
        for (int length = 40; length < whole.Length; length++)
        {
            byte[] cut = SampleVariants.CutShort(whole, length);
            Assert.True(Ipv6Header.TryParse(cut, out Ipv6Header header));
            Ipv6Upper upper = header.FindUpper();
            Assert.Equal(length >= chainEnd, upper.IsKnown);
            Assert.Equal(length >= chainEnd ? chainEnd : length, upper.Offset);
            Assert.Equal(length >= chainEnd ? IpProtocol.Udp : IpProtocol.NoNextHeader, upper.Protocol);
            Assert.False(upper.IsFragment);
        }
    }

    [Fact]
    public void First_fragment_whose_chain_is_cut_short_is_still_a_fragment()
    {
        byte[] first = SampleVariants.Fragments(SampleVariants.WithExtensions(SamplePackets.Udp6(100), 5), 24, 9)[0];
        Assert.True(Ipv6Header.TryParse(first, out Ipv6Header header));
        Ipv6Upper upper = header.FindUpper();
        Assert.Equal((false, true, false), (upper.IsKnown, upper.IsFragment, upper.IsLaterFragment));
        Assert.Equal(9u, upper.Identification);
    }

    [Fact]
    public void Offload_header_round_trips_little_endian()
    {
        var header = new OffloadHeader
        {
            Flags = 1,
            RawType = 0x81,
            HeaderLength = 0x0203,
            SegmentSize = 0x0405,
            ChecksumStart = 0x0607,
            ChecksumOffset = 0x0809,
        };
        byte[] bytes = new byte[10];
        header.Write(bytes);
        Assert.Equal([0x01, 0x81, 0x03, 0x02, 0x05, 0x04, 0x07, 0x06, 0x09, 0x08], bytes);
        Assert.Equal(header, OffloadHeader.Read(bytes));
        Assert.Equal(OffloadType.Tcp4, header.Type);
    }

    [Fact]
    public void Flow_hash_keeps_a_flow_together_and_spreads_flows()
    {
        Assert.Equal(Hash(SamplePackets.Udp4(10, id: 1)), Hash(SamplePackets.Udp4(500, id: 2)));
        Assert.Equal(Hash(SamplePackets.Udp6(10)), Hash(SamplePackets.Udp6(99)));
        var used = new HashSet<uint>();
        for (ushort port = 0; port < 256; port++)
        {
            used.Add(Hash(SamplePackets.Udp4(10, sourcePort: port)) % 256);
            used.Add(Hash(SamplePackets.Udp6(10, sourcePort: port)) % 256);
        }

        // 512 random throws into 256 leave 35 empty; far fewer used would be a bad hash.
        Assert.InRange(used.Count, 200, 256);
    }

    [Fact]
    public void First_fragment_hashes_as_its_flow_and_later_ones_by_their_addresses()
    {
        foreach (bool isV4 in new[] { true, false })
        {
            byte[] one = isV4 ? SamplePackets.Udp4(300) : SamplePackets.Udp6(300);
            byte[] other = isV4 ? SamplePackets.Udp4(300, sourcePort: 9) : SamplePackets.Udp6(300, sourcePort: 9);
            List<byte[]> ofOne = SampleVariants.Fragments(one, 104, 1);
            List<byte[]> ofOther = SampleVariants.Fragments(other, 104, 2);
            Assert.Equal(Hash(one), Hash(ofOne[0]));
            Assert.NotEqual(Hash(ofOne[0]), Hash(ofOther[0]));
            Assert.Equal(Hash(ofOne[1]), Hash(ofOther[2]));
        }
    }

    private static uint Hash(byte[] packet)
    {
        const ulong Seed = 42;
        if (Ipv4Header.TryParse(packet, out Ipv4Header v4))
        {
            return FlowHash.Of(v4, Seed);
        }

        Assert.True(Ipv6Header.TryParse(packet, out Ipv6Header v6));
        return FlowHash.Of(v6, v6.FindUpper(), Seed);
    }
}

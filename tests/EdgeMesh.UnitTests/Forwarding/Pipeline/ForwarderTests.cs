using System;
using System.Buffers.Binary;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Pipeline;

public sealed class ForwarderTests
{
    private readonly PacketPool _pool = new(1 << 20);
    private readonly Forwarder _forwarder = new(flowSeed: 7);

    [Fact]
    public void Packet_of_our_pod_goes_to_the_peer_of_its_destination()
    {
        Assert.Equal((DropReason.None, NextHop.Peer(SampleRoutes.PeerB)), Route(SamplePackets.Udp4(10)));
        Assert.Equal((DropReason.None, NextHop.Peer(SampleRoutes.PeerB)), Route(SamplePackets.Tcp6(10, 1)));
    }

    [Fact]
    public void Destination_without_prefix_is_no_route() =>
        Assert.Equal(DropReason.NoRoute, Route(SamplePackets.Udp4(10, destination: 0x0B00_0001)).Drop);

    [Fact]
    public void Destination_of_our_own_is_a_hairpin() =>
        Assert.Equal(DropReason.Hairpin, Route(SamplePackets.Udp4(10, destination: SamplePackets.PodA + 1)).Drop);

    [Fact]
    public void Source_that_is_not_ours_is_refused() =>
        Assert.Equal(DropReason.SourceNotLocal, Route(SamplePackets.Udp4(10, source: 0xC0A8_0001)).Drop);

    [Theory]
    [InlineData(0xE000_0001)] // 224.0.0.1
    [InlineData(0xFFFF_FFFF)]
    [InlineData(0x7F00_0001)]
    [InlineData(0xA9FE_0001)] // 169.254.0.1
    [InlineData(0x0000_0000)]
    public void Multicast_and_its_like_are_martians(uint destination) =>
        Assert.Equal(DropReason.Martian, Route(SamplePackets.Udp4(10, destination: destination)).Drop);

    [Theory]
    [InlineData(0xFF02_0000_0000_0000, 0x16)]
    [InlineData(0xFE80_0000_0000_0000, 1)]
    [InlineData(0, 1)]
    [InlineData(0, 0)]
    public void Ipv6_multicast_and_its_like_are_martians(ulong high, ulong low)
    {
        byte[] packet = SamplePackets.Udp6(10);
        BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(24), new UInt128(high, low));
        Assert.Equal(DropReason.Martian, Route(packet).Drop);
    }

    [Fact]
    public void Length_that_is_not_the_packets_is_malformed()
    {
        byte[] v4 = [.. SamplePackets.Udp4(10), 0];
        byte[] v6 = [.. SamplePackets.Udp6(10), 0];
        Assert.Equal(DropReason.Malformed, Route(v4).Drop);
        Assert.Equal(DropReason.Malformed, Route(v6).Drop);
        Assert.Equal(DropReason.Malformed, Route(v4[..^2]).Drop);
        Assert.Equal(DropReason.Malformed, Route([]).Drop);
        Assert.Equal(DropReason.Malformed, Route([0x50]).Drop);
    }

    [Fact]
    public void Offload_is_noted_and_a_header_that_says_nothing_cleared()
    {
        byte[] bytes = SamplePackets.Udp4(10);
        Packet plain = SamplePackets.Rent(_pool, bytes, new OffloadHeader { Flags = OffloadHeader.DataValidFlag });
        plain.IsOffloaded = true;
        Assert.Equal(DropReason.None, _forwarder.Route(plain, SampleRoutes.SeenByA, out _));
        Assert.False(plain.IsOffloaded);
        Assert.Equal(default, OffloadHeader.Read(plain.OffloadHeader));
        plain.Dispose();

        Packet partial = SamplePackets.Rent(_pool, bytes, SamplePackets.MakePartial(bytes));
        partial.IsOffloaded = false;
        Assert.Equal(DropReason.None, _forwarder.Route(partial, SampleRoutes.SeenByA, out _));
        Assert.True(partial.IsOffloaded);
        partial.Dispose();
    }

    [Fact]
    public void Packets_of_one_flow_get_one_hash()
    {
        Packet first = SamplePackets.Rent(_pool, SamplePackets.Udp4(10));
        Packet second = SamplePackets.Rent(_pool, SamplePackets.Udp4(700, id: 9));
        Packet other = SamplePackets.Rent(_pool, SamplePackets.Udp4(10, sourcePort: 1001));
        _forwarder.Route(first, SampleRoutes.SeenByA, out _);
        _forwarder.Route(second, SampleRoutes.SeenByA, out _);
        _forwarder.Route(other, SampleRoutes.SeenByA, out _);
        Assert.Equal(first.FlowHash, second.FlowHash);
        Assert.NotEqual(first.FlowHash, other.FlowHash);
    }

    [Fact]
    public void Routing_allocates_nothing()
    {
        Packet v4 = SamplePackets.Rent(_pool, SamplePackets.Udp4(100));
        Packet v6 = SamplePackets.Rent(_pool, SamplePackets.Tcp6(100, 1));
        _forwarder.Route(v4, SampleRoutes.SeenByA, out _);
        _forwarder.Route(v6, SampleRoutes.SeenByA, out _);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 1000; i++)
            {
                _forwarder.Route(v4, SampleRoutes.SeenByA, out _);
                _forwarder.Route(v6, SampleRoutes.SeenByA, out _);
            }
        }));
    }

    private (DropReason Drop, NextHop Hop) Route(byte[] bytes)
    {
        using Packet packet = SamplePackets.Rent(_pool, bytes);
        return (_forwarder.Route(packet, SampleRoutes.SeenByA, out NextHop hop), hop);
    }
}

using System;
using System.Buffers.Binary;
using System.Net;
using System.Runtime.CompilerServices;
using EdgeMesh.Native.Netlink;
using Xunit;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.UnitTests.Native.Netlink;

public sealed class NetlinkTests
{
    [Fact]   // linux/netlink.h, linux/rtnetlink.h, linux/if_addr.h
    public void Headers_have_the_kernel_s_sizes()
    {
        Assert.Equal(NetlinkHeader.SizeBytes, Unsafe.SizeOf<NetlinkHeader>());
        Assert.Equal(LinkHeader.SizeBytes, Unsafe.SizeOf<LinkHeader>());
        Assert.Equal(AddressHeader.SizeBytes, Unsafe.SizeOf<AddressHeader>());
        Assert.Equal(RouteHeader.SizeBytes, Unsafe.SizeOf<RouteHeader>());
        Assert.Equal(AttributeHeader.SizeBytes, Unsafe.SizeOf<AttributeHeader>());
    }

    [Fact]
    public void A_link_comes_back_as_it_was_written()
    {
        Assert.True(RouteMessages.TryReadLink(Body(LinkMessage()), out LinkInfo? link));
        Assert.Equal(new LinkInfo(7, "edge_tun0", 1500, true, "edgemesh-dataplane", ""), link);
    }

    [Fact]
    public void A_route_comes_back_as_it_was_written()
    {
        Assert.True(RouteMessages.TryReadRoute(Body(RouteMessage()), out RouteInfo? route));
        Assert.Equal(new RouteInfo(IPNetwork.Parse("10.244.5.0/24"), 7, 141, 5, IPAddress.Parse("192.0.2.1")), route);
    }

    [Fact]
    public void An_address_comes_back_as_it_was_written()
    {
        Assert.True(RouteMessages.TryReadAddress(Body(AddressMessage()), out AddressInfo? address));
        Assert.Equal(new AddressInfo(7, IPAddress.Parse("fd00::1"), 64), address);
    }

    [Fact]
    public void Messages_cut_at_each_length_read_nothing_beyond()
    {
        foreach (byte[] message in (byte[][])[LinkMessage(), RouteMessage(), AddressMessage()])
        {
            for (int length = 0; length < message.Length; length++)
            {
                var messages = new NetlinkMessages(message.AsSpan(0, length));
                Assert.False(messages.MoveNext());
                Assert.Equal(length > 0, messages.IsMalformed);
                ReadAll(message.AsSpan(Math.Min(length, NetlinkHeader.SizeBytes),
                    Math.Max(0, length - NetlinkHeader.SizeBytes)));
            }
        }
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(15u)]
    [InlineData(17u)]
    [InlineData(0x7fffffffu)]
    [InlineData(0xffffffffu)]
    public void A_message_with_a_hostile_length_is_malformed(uint length)
    {
        byte[] bytes = new byte[16];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, length);
        var messages = new NetlinkMessages(bytes);
        Assert.False(messages.MoveNext());
        Assert.True(messages.IsMalformed);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(0xffff)]
    public void An_attribute_with_a_hostile_length_ends_the_list(int length)
    {
        byte[] bytes = [.. BitConverter.GetBytes((ushort)length), 1, 0, 1, 2, 3, 4];
        Assert.False(new NetlinkAttributes(bytes).MoveNext());
    }

    [Fact]
    public void The_kernel_s_own_words_are_found()
    {
        var attribute = new NetlinkRequest(0, 0);
        attribute.Add(NLMSGERR_ATTR_MSG, "Nexthop has invalid gateway");
        byte[] text = attribute.Finish(0)[NetlinkHeader.SizeBytes..].ToArray();
        byte[] request = new byte[NetlinkHeader.SizeBytes + 8];
        BinaryPrimitives.WriteInt32LittleEndian(request, request.Length);
        byte[] whole = [.. BitConverter.GetBytes(-22), .. request, .. text];
        byte[] capped = [.. BitConverter.GetBytes(-22), .. request[..NetlinkHeader.SizeBytes], .. text];
        Assert.Equal((22, "Nexthop has invalid gateway"),
            NetlinkSocket.ReadError(NLM_F_ACK_TLVS, whole, isDone: false));
        Assert.Equal((22, "Nexthop has invalid gateway"),
            NetlinkSocket.ReadError(NLM_F_ACK_TLVS | NLM_F_CAPPED, capped, isDone: false));
        Assert.Equal((0, ""), NetlinkSocket.ReadError(0, new byte[4], isDone: true));
        var e = new NetlinkException("adding the route 10.0.0.0/8", 22, "Nexthop has invalid gateway");
        Assert.Equal("adding the route 10.0.0.0/8 failed: the kernel does not take these values (kernel: Nexthop has "
            + "invalid gateway)", e.Message);
    }

    [Fact]
    public void Random_replies_never_throw()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        byte[][] samples = [LinkMessage(), RouteMessage(), AddressMessage()];
        for (int i = 0; i < 30_000; i++)
        {
            byte[] bytes = (byte[])samples[i % 3].Clone();
            for (int change = random.Next(8); change >= 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            try
            {
                ReadAll(bytes);
            }
            catch (Exception e)
            {
                Assert.Fail($"seed {seed}, input {i}: {e}");
            }
        }
    }

    private static void ReadAll(ReadOnlySpan<byte> bytes) => EdgeMesh.FuzzTargets.NetlinkTarget.Run(bytes);

    private static byte[] Body(byte[] message) => message[NetlinkHeader.SizeBytes..];

    private static byte[] LinkMessage()
    {
        var request = new NetlinkRequest(RTM_NEWLINK, 0);
        request.AddHeader(new LinkHeader { Index = 7, Flags = IFF_UP });
        request.Add(IFLA_IFNAME, "edge_tun0");
        request.Add(IFLA_MTU, 1500);
        request.Add(IFLA_IFALIAS, "edgemesh-dataplane");
        return request.Finish(1).ToArray();
    }

    private static byte[] RouteMessage()
    {
        var request = new NetlinkRequest(RTM_NEWROUTE, 0);
        request.AddHeader(new RouteHeader
        {
            Family = AF_INET,
            DestinationLength = 24,
            Table = RT_TABLE_MAIN,
            Protocol = 141,
            Type = RTN_UNICAST,
        });
        request.Add(RTA_DST, IPAddress.Parse("10.244.5.0").GetAddressBytes());
        request.Add(RTA_OIF, 7);
        request.Add(RTA_PRIORITY, 5);
        request.Add(RTA_GATEWAY, IPAddress.Parse("192.0.2.1").GetAddressBytes());
        return request.Finish(1).ToArray();
    }

    private static byte[] AddressMessage()
    {
        var request = new NetlinkRequest(RTM_NEWADDR, 0);
        request.AddHeader(new AddressHeader { Family = AF_INET6, PrefixLength = 64, Index = 7 });
        request.Add(IFA_ADDRESS, IPAddress.Parse("fd00::1").GetAddressBytes());
        return request.Finish(1).ToArray();
    }
}

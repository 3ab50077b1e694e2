using System;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.Native.Netlink;

/// <summary>
/// Reads the bodies of rtnetlink's link, address and route messages. Whatever the bytes, it gives a value or false.
/// </summary>
internal static class RouteMessages
{
    /// <summary>Of <c>struct rtnl_link_stats64</c>, which grows from kernel to kernel.</summary>
    internal const int LinkStatsTransmitDropped = 56;

    internal static bool TryReadLink(ReadOnlySpan<byte> body, [NotNullWhen(true)] out LinkInfo? link)
    {
        link = null;
        if (!MemoryMarshal.TryRead(body, out LinkHeader header))
        {
            return false;
        }

        string name = "";
        string alias = "";
        (string kind, int tunQueues) = ("", 0);
        uint mtu = 0;
        long dropped = 0;
        var attributes = new NetlinkAttributes(body[LinkHeader.SizeBytes..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case IFLA_IFNAME:
                    name = Text(attributes.Value);
                    break;
                case IFLA_IFALIAS:
                    alias = Text(attributes.Value);
                    break;
                case IFLA_MTU:
                    MemoryMarshal.TryRead(attributes.Value, out mtu);
                    break;
                case IFLA_STATS64 when attributes.Value.Length >= LinkStatsTransmitDropped + sizeof(long):
                    MemoryMarshal.TryRead(attributes.Value[LinkStatsTransmitDropped..], out dropped);
                    break;
                case IFLA_LINKINFO:
                    (kind, tunQueues) = ReadKind(attributes.Value);
                    break;
            }
        }

        int mtuBytes = (int)Math.Min(mtu, int.MaxValue);
        bool isUp = (header.Flags & IFF_UP) != 0;
        link = new LinkInfo(header.Index, name, mtuBytes, isUp, alias, kind, tunQueues, dropped);
        return true;
    }

    internal static bool TryReadAddress(ReadOnlySpan<byte> body, [NotNullWhen(true)] out AddressInfo? address)
    {
        address = null;
        if (!MemoryMarshal.TryRead(body, out AddressHeader header))
        {
            return false;
        }

        // On point-to-point links IFA_ADDRESS is the far end; IFA_LOCAL, if there, is always ours.
        IPAddress? far = null;
        IPAddress? local = null;
        var attributes = new NetlinkAttributes(body[AddressHeader.SizeBytes..]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFA_ADDRESS)
            {
                far = Address(header.Family, attributes.Value);
            }
            else if (attributes.Type == IFA_LOCAL)
            {
                local = Address(header.Family, attributes.Value);
            }
        }

        IPAddress? own = local ?? far;
        if (own is null)
        {
            return false;
        }

        address = new AddressInfo(unchecked((int)header.Index), own, header.PrefixLength);
        return true;
    }

    /// <summary>Reads a route.</summary>
    /// <returns>False also for what is no unicast route of the main table.</returns>
    internal static bool TryReadRoute(ReadOnlySpan<byte> body, [NotNullWhen(true)] out RouteInfo? route)
    {
        route = null;
        if (!MemoryMarshal.TryRead(body, out RouteHeader header)
            || header.Type != RTN_UNICAST
            || (header.Flags & RTM_F_CLONED) != 0
            || header.Family is not (AF_INET or AF_INET6))
        {
            return false;
        }

        IPAddress? destination = header.Family == AF_INET ? IPAddress.Any : IPAddress.IPv6Any;
        IPAddress? gateway = null;
        int link = 0;
        uint table = header.Table;
        uint priority = 0;
        var attributes = new NetlinkAttributes(body[RouteHeader.SizeBytes..]);
        while (attributes.MoveNext())
        {
            switch (attributes.Type)
            {
                case RTA_DST:
                    destination = Address(header.Family, attributes.Value);
                    break;
                case RTA_GATEWAY:
                    gateway = Address(header.Family, attributes.Value);
                    break;
                case RTA_OIF:
                    MemoryMarshal.TryRead(attributes.Value, out link);
                    break;
                case RTA_TABLE:
                    MemoryMarshal.TryRead(attributes.Value, out table);
                    break;
                case RTA_PRIORITY:
                    MemoryMarshal.TryRead(attributes.Value, out priority);
                    break;
                case RTA_MULTIPATH:
                    gateway ??= FirstGateway(header.Family, attributes.Value);
                    break;
            }
        }

        if (table != RT_TABLE_MAIN || destination is null
            || !TryNetwork(destination, header.DestinationLength, out IPNetwork network))
        {
            return false;
        }

        route = new RouteInfo(network, link, header.Protocol, priority, gateway);
        return true;
    }

    private static bool TryNetwork(IPAddress address, int length, out IPNetwork network)
    {
        network = default;
        return IPNetwork.TryParse($"{address}/{length}", out network);
    }

    // struct rtnexthop { u16 length; u8 flags; u8 hops; int ifindex; } and the hop's own attributes.
    private static IPAddress? FirstGateway(byte family, ReadOnlySpan<byte> value)
    {
        const int nextHopBytes = 8;
        if (!MemoryMarshal.TryRead(value, out ushort length) || length < nextHopBytes || length > value.Length)
        {
            return null;
        }

        var attributes = new NetlinkAttributes(value[nextHopBytes..length]);
        while (attributes.MoveNext())
        {
            if (attributes.Type == RTA_GATEWAY)
            {
                return Address(family, attributes.Value);
            }
        }

        return null;
    }

    private static (string Kind, int TunQueues) ReadKind(ReadOnlySpan<byte> value)
    {
        string kind = "";
        ReadOnlySpan<byte> data = [];
        var attributes = new NetlinkAttributes(value);
        while (attributes.MoveNext())
        {
            if (attributes.Type == IFLA_INFO_KIND)
            {
                kind = Text(attributes.Value);
            }
            else if (attributes.Type == IFLA_INFO_DATA)
            {
                data = attributes.Value;
            }
        }

        return (kind, kind == "tun" ? ReadTunQueues(data) : 0); // what is in the data is the kind's own matter
    }

    private static int ReadTunQueues(ReadOnlySpan<byte> data)
    {
        uint queues = 0;
        var attributes = new NetlinkAttributes(data);
        while (attributes.MoveNext())
        {
            if (attributes.Type is IFLA_TUN_NUM_QUEUES or IFLA_TUN_NUM_DISABLED_QUEUES)
            {
                MemoryMarshal.TryRead(attributes.Value, out uint some);
                queues = unchecked(queues + some);
            }
        }

        return (int)Math.Min(queues, int.MaxValue);
    }

    private static IPAddress? Address(byte family, ReadOnlySpan<byte> value) => (family, value.Length) switch
    {
        (AF_INET, 4) or (AF_INET6, 16) => new IPAddress(value),
        _ => null,
    };

    private static string Text(ReadOnlySpan<byte> value)
    {
        int end = value.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? value : value[..end]);
    }
}

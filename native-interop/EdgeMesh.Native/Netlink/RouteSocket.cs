using System;
using System.Collections.Generic;
using System.Net;
using System.Net.Sockets;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.Native.Netlink;

/// <summary>
/// The kernel's links, addresses and routes of this network namespace, by rtnetlink. One thread at a time.
/// </summary>
public sealed class RouteSocket : IDisposable
{
    private const int Ipv6MtuBytesMin = 1280;

    private readonly NetlinkSocket _socket;

    private RouteSocket(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens the socket; it stays in the network namespace of the calling thread.</summary>
    /// <returns>The socket.</returns>
    /// <exception cref="NetlinkException">There is none to be had.</exception>
    public static RouteSocket Open() => new(NetlinkSocket.Open(NETLINK_ROUTE));

    /// <summary>Lists all links.</summary>
    /// <returns>The links.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<LinkInfo> Links()
    {
        var request = new NetlinkRequest(RTM_GETLINK, NLM_F_DUMP);
        request.AddHeader(default(LinkHeader));
        var links = new List<LinkInfo>();
        _socket.Query(request, "listing links", links.Clear, (type, body) =>
        {
            if (type == RTM_NEWLINK && RouteMessages.TryReadLink(body, out LinkInfo? link))
            {
                links.Add(link);
            }
        });
        return links;
    }

    /// <summary>Finds one link.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The link, or null if there is none of this name.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public LinkInfo? FindLink(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var request = new NetlinkRequest(RTM_GETLINK, NLM_F_ACK);
        request.AddHeader(default(LinkHeader));
        request.Add(IFLA_IFNAME, name);
        LinkInfo? found = null;
        try
        {
            _socket.Query(request, $"looking up link {name}", () => found = null, (type, body) =>
            {
                if (type == RTM_NEWLINK && RouteMessages.TryReadLink(body, out LinkInfo? link))
                {
                    found = link;
                }
            });
        }
        catch (NetlinkException e) when (e.IsMissing)
        {
            return null;
        }

        return found;
    }

    /// <summary>Sets a link up or down, its MTU, its alias; what is null stays.</summary>
    /// <param name="index">Interface index.</param>
    /// <param name="isUp">Up or down.</param>
    /// <param name="mtuBytes">MTU.</param>
    /// <param name="alias">Alias; empty removes it.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void SetLink(int index, bool? isUp = null, int? mtuBytes = null, string? alias = null)
    {
        var request = new NetlinkRequest(RTM_NEWLINK, NLM_F_ACK);
        request.AddHeader(new LinkHeader
        {
            Index = index,
            Flags = isUp == true ? IFF_UP : 0,
            Change = isUp is null ? 0 : IFF_UP,
        });
        if (mtuBytes is int mtu)
        {
            request.Add(IFLA_MTU, (uint)mtu);
        }

        if (alias is not null)
        {
            request.Add(IFLA_IFALIAS, alias);
        }

        _socket.Execute(request, $"changing link {index}");
    }

    /// <summary>
    /// Keeps the kernel from speaking on a link by itself: no IPv6 address of its own, so no duplicate address
    /// detection and no router solicitations; no multicast, so no listener reports.
    /// </summary>
    /// <param name="index">Interface index of a link that is down and has no addresses.</param>
    /// <param name="mtuBytes">The link's MTU from now on.</param>
    /// <exception cref="NetlinkException">The kernel refused, perhaps because it has no IPv6; then there is less to
    /// keep quiet.</exception>
    public void Silence(int index, int mtuBytes)
    {
        var request = new NetlinkRequest(RTM_NEWLINK, NLM_F_ACK);
        request.AddHeader(new LinkHeader { Index = index, Change = IFF_MULTICAST });
        _socket.Execute(request, $"switching multicast of link {index} off");

        // A router's link joined the routers' group when it was made. With an MTU below IPv6's least (RFC 8200 §5) the
        // kernel forgets what it has of IPv6 there, and begins again with a larger MTU: without multicast this time.
        SetLink(index, mtuBytes: Ipv6MtuBytesMin - 1);
        SetLink(index, mtuBytes: mtuBytes);

        var inner = new NetlinkRequest(0, 0);
        inner.Add(IFLA_INET6_ADDR_GEN_MODE, [IN6_ADDR_GEN_MODE_NONE]);
        var family = new NetlinkRequest(0, 0);
        family.Add(AF_INET6, inner.Attributes);
        request = new NetlinkRequest(RTM_NEWLINK, NLM_F_ACK);
        request.AddHeader(new LinkHeader { Index = index });
        request.Add(IFLA_AF_SPEC, family.Attributes);
        _socket.Execute(request, $"switching IPv6 addresses of link {index} off");
    }

    /// <summary>Deletes a link.</summary>
    /// <param name="index">Interface index.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void DeleteLink(int index)
    {
        var request = new NetlinkRequest(RTM_DELLINK, NLM_F_ACK);
        request.AddHeader(new LinkHeader { Index = index });
        _socket.Execute(request, $"deleting link {index}");
    }

    /// <summary>Lists all addresses, IPv4 and IPv6.</summary>
    /// <returns>The addresses.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<AddressInfo> Addresses()
    {
        var request = new NetlinkRequest(RTM_GETADDR, NLM_F_DUMP);
        request.AddHeader(default(AddressHeader));
        var addresses = new List<AddressInfo>();
        _socket.Query(request, "listing addresses", addresses.Clear, (type, body) =>
        {
            if (type == RTM_NEWADDR && RouteMessages.TryReadAddress(body, out AddressInfo? address))
            {
                addresses.Add(address);
            }
        });
        return addresses;
    }

    /// <summary>Lists the unicast routes of the main table, IPv4 and IPv6.</summary>
    /// <param name="protocol">Only those made by this protocol; null: all.</param>
    /// <returns>The routes.</returns>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public IReadOnlyList<RouteInfo> Routes(byte? protocol = null) =>
        [.. RoutesOf(AF_INET, protocol), .. RoutesOf(AF_INET6, protocol)];

    /// <summary>Adds a route to the main table; never replaces one.</summary>
    /// <param name="route">The route; priority 0 leaves the metric to the kernel.</param>
    /// <exception cref="NetlinkException">The kernel refused; <see cref="NetlinkException.IsExisting"/> if the place is
    /// taken.</exception>
    public void AddRoute(RouteInfo route) => ChangeRoute(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, route, "adding");

    /// <summary>
    /// Adds a route to the main table, in the place of one with its destination and metric if there is one, whoever
    /// made it.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <exception cref="NetlinkException">The kernel refused.</exception>
    public void ReplaceRoute(RouteInfo route) =>
        ChangeRoute(RTM_NEWROUTE, NLM_F_CREATE | NLM_F_REPLACE, route, "replacing");

    /// <summary>
    /// Deletes a route of the main table that matches in all that is given: destination, link, protocol, metric,
    /// gateway.
    /// </summary>
    /// <param name="route">The route.</param>
    /// <exception cref="NetlinkException">The kernel refused; <see cref="NetlinkException.IsMissing"/> if there is
    /// none.</exception>
    public void DeleteRoute(RouteInfo route) => ChangeRoute(RTM_DELROUTE, 0, route, "deleting");

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();

    private List<RouteInfo> RoutesOf(byte family, byte? protocol)
    {
        var request = new NetlinkRequest(RTM_GETROUTE, NLM_F_DUMP);
        request.AddHeader(new RouteHeader { Family = family, Protocol = protocol ?? 0, Table = RT_TABLE_MAIN });
        var routes = new List<RouteInfo>();
        try
        {
            _socket.Query(request, "listing routes", routes.Clear, (type, body) =>
            {
                // Older kernels don't filter, so it is done here as well.
                if (type == RTM_NEWROUTE
                    && RouteMessages.TryReadRoute(body, out RouteInfo? route)
                    && (protocol is null || route.Protocol == protocol))
                {
                    routes.Add(route);
                }
            });
        }
        catch (NetlinkException e) when (e.Error == Errno.ENOENT)
        {
            return []; // a namespace that never had a route has no main table yet
        }
        catch (NetlinkException e) when (
            family == AF_INET6 && e.Error is (Errno.EAFNOSUPPORT or Errno.EOPNOTSUPP))
        {
            return []; // a kernel without IPv6
        }

        return routes;
    }

    private void ChangeRoute(ushort type, int flags, RouteInfo route, string verb)
    {
        ArgumentNullException.ThrowIfNull(route);
        IPAddress address = route.Destination.BaseAddress;
        bool isIpv4 = address.AddressFamily == AddressFamily.InterNetwork;
        bool isDelete = type == RTM_DELROUTE;
        byte scope = (isDelete, isIpv4 && route.Gateway is null) switch
        {
            (true, _) => RT_SCOPE_NOWHERE, // any
            (false, true) => RT_SCOPE_LINK,
            _ => RT_SCOPE_UNIVERSE,
        };
        var request = new NetlinkRequest(type, (ushort)(flags | NLM_F_ACK));
        request.AddHeader(new RouteHeader
        {
            Family = (byte)(isIpv4 ? AF_INET : AF_INET6),
            DestinationLength = (byte)route.Destination.PrefixLength,
            Table = RT_TABLE_MAIN,
            Protocol = route.Protocol,
            Scope = scope,
            Type = RTN_UNICAST,
        });
        request.Add(RTA_DST, address.GetAddressBytes());
        if (route.LinkIndex != 0)
        {
            request.Add(RTA_OIF, (uint)route.LinkIndex);
        }

        if (route.Gateway is not null)
        {
            request.Add(RTA_GATEWAY, route.Gateway.GetAddressBytes());
        }

        if (route.Priority != 0)
        {
            request.Add(RTA_PRIORITY, route.Priority);
        }

        _socket.Execute(request, $"{verb} the route {route.Destination}");
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>At which addresses others may dial this node.</summary>
internal static class OwnAddresses
{
    private const int PortDefault = 20006;

    /// <summary>
    /// What the operator says; else the node's own addresses on links that have a default route, at the ports where
    /// the data plane listens.
    /// </summary>
    /// <param name="advertise">What the operator says, as <c>--advertise</c> takes it.</param>
    /// <param name="listen">Multiaddrs where the data plane listens.</param>
    /// <param name="host">Addresses of this node that may be dialed.</param>
    /// <param name="mesh">The mesh in force, whose pods' prefixes hold no address of the underlay; null: none.</param>
    /// <returns>Multiaddrs, at most <see cref="ControlLimits.AddressesPerNodeMax"/>.</returns>
    internal static IReadOnlyList<string> Select(
        IReadOnlyList<string> advertise,
        IReadOnlyList<string> listen,
        IReadOnlyList<IPAddress> host,
        MeshDocument? mesh)
    {
        IPEndPoint[] endPoints =
        [
            .. listen
                .Select(static text => Multiaddr.TryParse(text, out Multiaddr? address)
                    && address.TryGetTcpEndPoint(out IPEndPoint? endPoint) ? endPoint : null)
                .OfType<IPEndPoint>(),
        ];
        int port = endPoints.Length > 0 ? endPoints[0].Port : PortDefault;
        IEnumerable<string> addresses = advertise.Count > 0
            ? advertise
                .Select(text => AdvertisedAddress.TryParse(text, port, out string? multiaddr, out _) ? multiaddr : null)
                .OfType<string>()
            : endPoints
                .SelectMany(endPoint => IsAny(endPoint.Address)
                    ? host.Where(address => address.AddressFamily == endPoint.AddressFamily)
                        .Select(address => new IPEndPoint(address, endPoint.Port))
                    : [endPoint])
                .Where(endPoint => IsGlobal(endPoint.Address) && !IsPods(endPoint.Address, mesh))
                .Select(static endPoint => Multiaddr.FromTcp(endPoint).ToString());
        return [.. addresses.Distinct(StringComparer.Ordinal).Take(ControlLimits.AddressesPerNodeMax)];
    }

    /// <summary>Addresses on links that are up and have a default route.</summary>
    /// <param name="socket">Where to ask.</param>
    /// <param name="tun">Name of our link, which doesn't count.</param>
    internal static IReadOnlyList<IPAddress> Candidates(RouteSocket socket, string tun) =>
        Candidates(socket.Links(), socket.Addresses(), socket.Routes(), tun);

    /// <summary>As the other, of lists.</summary>
    internal static IReadOnlyList<IPAddress> Candidates(
        IReadOnlyList<LinkInfo> links,
        IReadOnlyList<AddressInfo> addresses,
        IReadOnlyList<RouteInfo> routes,
        string tun)
    {
        HashSet<int> chosen = [.. routes.Where(IsDefault).Select(static route => route.LinkIndex)];
        if (chosen.Contains(0))
        {
            // A default route with several next hops does not say by which links: those of hardware, then.
            chosen.UnionWith(links.Where(static link => link.Kind.Length == 0).Select(static link => link.Index));
        }

        chosen.IntersectWith(links.Where(link => link.IsUp && link.Name != tun).Select(static link => link.Index));
        return
        [
            .. addresses
                .Where(address => chosen.Contains(address.LinkIndex) && IsGlobal(address.Address))
                .OrderBy(static address => address.Address.AddressFamily)
                .ThenBy(static address => address.LinkIndex)
                .Select(static address => address.Address),
        ];
    }

    private static bool IsDefault(RouteInfo route) => route.Destination.PrefixLength == 0;

    private static bool IsAny(IPAddress address) => address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);

    private static bool IsGlobal(IPAddress address)
    {
        if (IPAddress.IsLoopback(address) || IsAny(address))
        {
            return false;
        }

        byte[] bytes = address.GetAddressBytes();
        return address.AddressFamily == AddressFamily.InterNetwork
            ? bytes[0] < 224 && !(bytes[0] == 169 && bytes[1] == 254)
            : !address.IsIPv6LinkLocal && !address.IsIPv6Multicast;
    }

    private static bool IsPods(IPAddress address, MeshDocument? mesh)
    {
        byte[] bytes = address.GetAddressBytes();
        return mesh is not null
            && mesh.CloudCidr.Concat(mesh.EdgeCidr).Concat(mesh.Nodes.SelectMany(static node => node.Prefixes))
                .Any(prefix => IpPrefixes.Covers(prefix, bytes));
    }
}

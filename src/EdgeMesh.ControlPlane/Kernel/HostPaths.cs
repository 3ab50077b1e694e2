using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>Addresses the node itself depends on: they must never be routed into the TUN.</summary>
/// <param name="Addresses">Each with what it is.</param>
internal sealed record HostPaths(IReadOnlyList<(IPAddress Address, string What)> Addresses)
{
    private const int ResolverBytesMax = 64 * 1024;

    /// <summary>Own addresses, gateways of default routes, name servers.</summary>
    /// <param name="socket">Where to ask.</param>
    /// <param name="tun">Name of our link, whose addresses and routes don't count.</param>
    /// <param name="resolverPath">resolv.conf.</param>
    internal static HostPaths Read(RouteSocket socket, string tun, string resolverPath)
    {
        var found = new List<(IPAddress, string)>();
        var names = socket.Links().ToDictionary(link => link.Index, link => link.Name);
        foreach (AddressInfo address in socket.Addresses())
        {
            string link = names.GetValueOrDefault(address.LinkIndex, "?");
            if (link != tun)
            {
                found.Add((address.Address, $"this node's own address on {link}"));
            }
        }

        foreach (RouteInfo route in socket.Routes())
        {
            if (route.Destination.PrefixLength == 0 && route.Gateway is not null)
            {
                found.Add((route.Gateway, "this node's default gateway"));
            }
        }

        found.AddRange(NameServers(resolverPath).Select(server => (server, $"a name server of {resolverPath}")));
        return new HostPaths(found);
    }

    /// <summary>Finds the foreign networks that must not be routed.</summary>
    /// <returns>Each with cause and remedy.</returns>
    internal IReadOnlyList<(IPNetwork Network, string Problem)> Refuse(KernelPlan plan)
    {
        var refused = new List<(IPNetwork, string)>();
        foreach (IPNetwork network in plan.Foreign)
        {
            foreach ((IPAddress address, string what) in Addresses)
            {
                if (network.Contains(address))
                {
                    refused.Add((network, $"{network} is not routed into the tunnel, because {address} in it is "
                        + $"{what}: correct cloudCIDR or edgeCIDR, or list a prefix of this node inside the entry if "
                        + "it is its own site"));
                    break;
                }
            }
        }

        return refused;
    }

    internal static IReadOnlyList<IPAddress> ParseNameServers(string resolver)
    {
        var servers = new List<IPAddress>();
        foreach (string line in resolver.Split('\n'))
        {
            string[] words = line.Split((char[])[' ', '\t', '\r'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var text, ..] && IPAddress.TryParse(text.Split('%')[0], out IPAddress? server))
            {
                servers.Add(server);
            }
        }

        return servers;
    }

    private static IReadOnlyList<IPAddress> NameServers(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return file.Exists && file.Length <= ResolverBytesMax ? ParseNameServers(File.ReadAllText(path)) : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // a node without a resolver has no name server to protect
        }
    }
}

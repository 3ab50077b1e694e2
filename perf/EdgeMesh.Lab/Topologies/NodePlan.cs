using System.Collections.Generic;
using System.Net;

namespace EdgeMesh.Lab.Topologies;

/// <summary>A node to build: one namespace with an underlay link and a bridge for its pods.</summary>
/// <param name="Name">Unique in the topology.</param>
/// <param name="Site">Nodes of one site reach each other's pods by plain routes, as a cloud's own network would
/// do.</param>
/// <param name="Underlay">Its underlay address.</param>
/// <param name="Prefix4">IPv4 prefix of its pods; the bridge has the first address.</param>
/// <param name="Prefix6">IPv6 prefix of its pods; the bridge has the first address.</param>
/// <param name="Pods">Its pods.</param>
public sealed record NodePlan(
    string Name,
    string Site,
    IPAddress Underlay,
    IPNetwork Prefix4,
    IPNetwork Prefix6,
    IReadOnlyList<PodPlan> Pods)
{
    /// <summary>The pods' IPv4 gateway.</summary>
    public IPAddress Gateway4 => HostOf(Prefix4, 1);

    /// <summary>The pods' IPv6 gateway.</summary>
    public IPAddress Gateway6 => HostOf(Prefix6, 1);

    /// <summary>The address with this number inside a prefix; the number fits its last byte.</summary>
    public static IPAddress HostOf(IPNetwork prefix, byte number)
    {
        byte[] address = prefix.BaseAddress.GetAddressBytes();
        address[^1] = number;
        return new IPAddress(address);
    }
}

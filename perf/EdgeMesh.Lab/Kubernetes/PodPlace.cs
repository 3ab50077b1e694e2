using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>A running pod: where it is and how to get into its network.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Uid">Its uid.</param>
/// <param name="Node">Its node.</param>
/// <param name="Addresses">Its addresses, IPv4 and IPv6.</param>
/// <param name="Network">Its network namespace.</param>
public sealed record PodPlace(
    string Name, string Uid, ClusterNode Node, IReadOnlyList<IPAddress> Addresses, LabNamespace Network)
{
    /// <summary>Its address of a family; null if it has none.</summary>
    public IPAddress? Address(bool isIpv6) => Addresses.FirstOrDefault(
        address => address.AddressFamily == (isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork));
}

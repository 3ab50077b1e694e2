using System.Net;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>A node of the cluster, planned.</summary>
/// <param name="Role">What the lab calls it: cloud-1, edge-a, edge-b.</param>
/// <param name="Name">Its name in Kubernetes.</param>
/// <param name="IsEdge">Whether it stands at an edge site, behind that site's router.</param>
/// <param name="Underlay">Its address in its own network.</param>
/// <param name="Gateway">Where its default route goes.</param>
/// <param name="Prefix4">Its pods' IPv4 prefix.</param>
/// <param name="Prefix6">Its pods' IPv6 prefix.</param>
/// <param name="IsTold">Whether its Node object has these prefixes.</param>
public sealed record ClusterNodePlan(
    string Role,
    string Name,
    bool IsEdge,
    IPAddress Underlay,
    IPAddress Gateway,
    IPNetwork Prefix4,
    IPNetwork Prefix6,
    bool IsTold = true);

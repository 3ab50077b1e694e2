using System.Collections.Generic;
using System.Net;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// Names and addresses of the cluster. The cloud's node is called as in the user's guide, and has the guide's public
/// address, so that the guide's commands work as they are written.
/// <code>
///  control: etcd, API server  cloud-1 = k8s-master        edge-a                     edge-b
///  controllers, scheduler     10.244.1.0/24               10.244.5.0/24              10.244.6.0/24
///                             fd00:1::/64                 fd00:5::/64                fd00:6::/64
///       10.55.0.10            10.55.0.1, 1.1.1.1          192.168.5.2                192.168.6.2
///           |                      |                          |                          |
///           |                      |                  router-a 192.168.5.1       router-b 192.168.6.1
///           |                      |                      10.55.0.5 (NAT)            10.55.0.6 (NAT)
///  =========+======================+==========================+==========================+== 10.55.0.0/24
/// </code>
/// A router lets its site out, masqueraded, and lets nothing in but: the API server to the kubelet (which stands for
/// KubeEdge's tunnel), and, while <see cref="ClusterNetwork.OpenEdgeLinkAsync"/> says so, router-b's site to edge-a's
/// mesh port. So edge sites reach the cloud, the cloud dials no edge site, and edge-b may dial edge-a or may not.
/// The Node objects of the first two nodes have their pods' prefixes; that of edge-b has none, as where an IPAM of its
/// own (SpiderPool) hands out addresses: there each pod's address has to become known by itself.
/// </summary>
public static class ClusterPlan
{
    /// <summary>Where the control plane stands.</summary>
    public const string ControlRole = "control";

    /// <summary>The control plane's address.</summary>
    public const string ControlAddress = "10.55.0.10";

    /// <summary>The API server's port.</summary>
    public const int ApiPort = 6443;

    /// <summary>
    /// The port beside it at which pods find the API server: a relay, so that a test can make it slow for them.
    /// </summary>
    public const int RelayPort = 6444;

    /// <summary>The address of the service <c>kubernetes</c>; each node translates it, as kube-proxy would.</summary>
    public const string ApiServiceAddress = "10.96.0.1";

    /// <summary>Prefix of services.</summary>
    public const string ServicePrefix = "10.96.0.0/16";

    /// <summary>The cloud node's public address: that of the user's guide.</summary>
    public const string CloudPublicAddress = "1.1.1.1";

    /// <summary>The port that nodes of the mesh listen on.</summary>
    public const int MeshPort = 20006;

    /// <summary>The nodes.</summary>
    public static IReadOnlyList<ClusterNodePlan> Nodes { get; } =
    [
        new(
            "cloud-1", "k8s-master", IsEdge: false, IPAddress.Parse("10.55.0.1"), IPAddress.Parse(ControlAddress),
            IPNetwork.Parse("10.244.1.0/24"), IPNetwork.Parse("fd00:1::/64")),
        new(
            "edge-a", "edge-a", IsEdge: true, IPAddress.Parse("192.168.5.2"), IPAddress.Parse("192.168.5.1"),
            IPNetwork.Parse("10.244.5.0/24"), IPNetwork.Parse("fd00:5::/64")),
        new(
            "edge-b", "edge-b", IsEdge: true, IPAddress.Parse("192.168.6.2"), IPAddress.Parse("192.168.6.1"),
            IPNetwork.Parse("10.244.6.0/24"), IPNetwork.Parse("fd00:6::/64"), IsTold: false),
    ];

    /// <summary>The role of an edge site's router.</summary>
    public static string RouterOf(ClusterNodePlan node) => "router-" + node.Role[^1];

    /// <summary>An edge site's router's address on the underlay.</summary>
    public static string RouterAddress(ClusterNodePlan node) => "10.55.0." + node.Underlay.ToString().Split('.')[2];
}

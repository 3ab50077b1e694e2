using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;

namespace EdgeMesh.Lab.Topologies;

/// <summary>What a lab builds: sites with nodes and pods, joined by one underlay.</summary>
/// <param name="Name">For messages and directories.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="CloudPrefixes"><c>cloudCIDR</c> of the mesh file.</param>
/// <param name="EdgePrefixes"><c>edgeCIDR</c> of the mesh file.</param>
/// <param name="Hosts">Machines of the underlay that are no nodes.</param>
public sealed record Topology(
    string Name,
    IReadOnlyList<NodePlan> Nodes,
    IReadOnlyList<IPNetwork> CloudPrefixes,
    IReadOnlyList<IPNetwork> EdgePrefixes,
    IReadOnlyList<HostPlan> Hosts)
{
    private const int PodNumberFirst = 11;

    /// <summary>
    /// The cloud, edge-a and edge-b, and a stranger on the underlay.
    /// <code>
    ///  cloud-1 10.244.1.0/24 [, cloud-2 10.244.2.0/24]   edge-a 10.244.5.0/24   edge-b 10.244.6.0/24
    ///    10.99.0.1               10.99.0.2                 10.99.0.5              10.99.0.6
    ///  ====================================== underlay 10.99.0.0/24 ===================================
    /// </code>
    /// </summary>
    /// <param name="withSecondCloudNode">Whether the cloud site has two nodes.</param>
    /// <param name="podsPerNode">Pods on each node.</param>
    public static Topology ThreeSites(bool withSecondCloudNode = false, int podsPerNode = 2)
    {
        var nodes = new List<NodePlan> { Node("cloud-1", "cloud", 1, "fd00:1::/64", podsPerNode) };
        if (withSecondCloudNode)
        {
            nodes.Add(Node("cloud-2", "cloud", 2, "fd00:1:0:1::/64", podsPerNode));
        }

        nodes.Add(Node("edge-a", "edge-a", 5, "fd00:5::/64", podsPerNode));
        nodes.Add(Node("edge-b", "edge-b", 6, "fd00:6::/64", podsPerNode));
        return new Topology(
            "three-sites",
            nodes,
            [IPNetwork.Parse("10.244.0.0/22"), IPNetwork.Parse("fd00:1::/48")],
            [.. nodes.Where(node => node.Site != "cloud").SelectMany(node => new[] { node.Prefix4, node.Prefix6 })],
            [new HostPlan("stranger", IPAddress.Parse("10.99.0.200"))]);
    }

    /// <summary>One cloud node and two pods on it, and edge sites with one node and one pod each.</summary>
    /// <param name="edgeSites">How many edge sites, at most 100.</param>
    public static Topology Star(int edgeSites)
    {
        var nodes = new List<NodePlan> { Node("cloud-1", "cloud", 1, "fd00:1::/64", 2) };
        for (int i = 0; i < edgeSites; i++)
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"edge-{i + 1}");
            string prefix6 = string.Create(CultureInfo.InvariantCulture, $"fd00:{i + 5:x}::/64");
            nodes.Add(Node(name, name, i + 5, prefix6, 1));
        }

        return new Topology(
            "star",
            nodes,
            [IPNetwork.Parse("10.244.0.0/22"), IPNetwork.Parse("fd00:1::/48")],
            [.. nodes.Skip(1).SelectMany(node => new[] { node.Prefix4, node.Prefix6 })],
            []);
    }

    private static NodePlan Node(string name, string site, int number, string prefix6, int podCount)
    {
        var prefix4 = IPNetwork.Parse(string.Create(CultureInfo.InvariantCulture, $"10.244.{number}.0/24"));
        var network6 = IPNetwork.Parse(prefix6);
        var pods = new List<PodPlan>();
        for (int i = 0; i < podCount; i++)
        {
            byte host = (byte)(PodNumberFirst + i);
            pods.Add(new PodPlan(
                string.Create(CultureInfo.InvariantCulture, $"{name}-pod{i + 1}"),
                NodePlan.HostOf(prefix4, host),
                NodePlan.HostOf(network6, host)));
        }

        IPAddress underlay = NodePlan.HostOf(IPNetwork.Parse("10.99.0.0/24"), (byte)number);
        return new NodePlan(name, site, underlay, prefix4, network6, pods);
    }
}

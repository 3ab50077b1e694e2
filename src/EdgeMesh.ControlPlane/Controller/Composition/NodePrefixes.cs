using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Makes a node's prefixes of its podCIDRs and its pods' addresses.</summary>
/// <remarks>
/// A podCIDR is taken whole if it lies in an entry, overlaps no other node's, and no pod of another node lives in it.
/// What the pods have beside that is covered exactly: never an address that is not this node's. So one rule serves
/// podCIDRs that the IPAM keeps to (Flannel), blocks (Calico) and single addresses from anywhere (SpiderPool).
/// </remarks>
/// <param name="segments">The entries.</param>
/// <param name="podCidrs">All nodes' podCIDRs.</param>
/// <param name="claims">All pods' addresses.</param>
internal sealed class NodePrefixes(Segments segments, PodCidrIndex podCidrs, AddressClaims claims)
{
    private const int ExamplesMax = 3;

    /// <summary>Makes the prefixes.</summary>
    /// <param name="node">The node.</param>
    /// <param name="findings">Gets what is left out, and why.</param>
    /// <returns>Prefixes in canonical order, none twice.</returns>
    internal IReadOnlyList<IpPrefix> Of(ClusterNode node, List<ControllerFinding> findings)
    {
        if (segments.IsEmpty)
        {
            return [];
        }

        PodCidr[] whole = [.. podCidrs.Of(node).Where(static cidr => cidr.IsUsable)];
        var single = new List<PodAddress>();
        var outside = new List<PodAddress>();
        var shared = new List<PodAddress>();
        foreach (PodAddress address in node.Addresses)
        {
            if (!segments.Cover(address))
            {
                outside.Add(address);
            }
            else if (!claims.TryFindOwner(address, out ClusterNode? owner))
            {
                shared.Add(address);
            }
            else if (owner == node && !whole.Any(cidr => cidr.Covers(address)))
            {
                single.Add(address);
            }
        }

        AddRivals(node, findings);
        AddShared(node, shared, findings);
        AddOutside(node, outside, findings);
        List<IpPrefix> prefixes = [.. whole.Select(static cidr => cidr.Prefix), .. PrefixCover.Of([.. single])];
        prefixes.Sort(IpPrefixes.Compare);
        return prefixes;
    }

    private void AddRivals(ClusterNode node, List<ControllerFinding> findings)
    {
        foreach (PodCidr cidr in podCidrs.Of(node).Where(static cidr => cidr.Rival is not null))
        {
            string prefix = IpPrefixes.Format(cidr.Prefix);
            findings.Add(new ControllerFinding(FindingReason.OverlappingPrefixes, node.Name, prefix,
                $"podCIDR {prefix} of node '{node.Name}' overlaps one of node '{cidr.Rival!.Name}': neither counts, "
                + "only the addresses that pods have now; give each node a range of its own"));
        }
    }

    private void AddShared(ClusterNode node, List<PodAddress> shared, List<ControllerFinding> findings)
    {
        if (shared.Count == 0)
        {
            return;
        }

        shared.Sort(static (one, other) => one.CompareTo(other));
        string[] others =
        [
            .. claims.Of(shared[0]).Select(static claim => claim.Node.Name)
                .Where(other => other != node.Name).Order(StringComparer.Ordinal),
        ];
        string more = others.Length > 1 ? $" and {others.Length - 1} other nodes" : "";
        string rest = shared.Count > 1 ? $"; so it is with {shared.Count - 1} other addresses" : "";
        findings.Add(new ControllerFinding(FindingReason.DuplicatePodAddress, node.Name, others.FirstOrDefault() ?? "",
            $"the pod address {shared[0]} of node '{node.Name}' is also one of node '{others.FirstOrDefault()}'{more}: "
            + $"none of them gets it{rest}; give each node a range of its own in its CNI's configuration"));
    }

    private static void AddOutside(ClusterNode node, List<PodAddress> outside, List<ControllerFinding> findings)
    {
        if (outside.Count == 0)
        {
            return;
        }

        outside.Sort(static (one, other) => one.CompareTo(other));
        string more = outside.Count > ExamplesMax ? $" and {outside.Count - ExamplesMax} more" : "";
        findings.Add(new ControllerFinding(FindingReason.AddressOutsideCIDRs, node.Name, "",
            $"node '{node.Name}' has pods whose addresses are in no entry of cloudCIDR or edgeCIDR: "
            + $"{string.Join(", ", outside.Take(ExamplesMax))}{more}; other sites don't reach them until the entry of "
            + "their network is added"));
    }
}

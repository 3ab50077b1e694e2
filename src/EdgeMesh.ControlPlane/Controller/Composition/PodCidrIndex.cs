using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>The nodes' podCIDRs by address, and whose pods live in them.</summary>
/// <remarks>
/// Nodes come and go rarely: then everything is made anew, at the cost of one look-up for each length in use and each
/// address. Pods come and go all the time: that is one look-up for each length.
/// </remarks>
internal sealed class PodCidrIndex
{
    private readonly Dictionary<(bool IsIpv6, int Length), Dictionary<UInt128, List<PodCidr>>> _byLength = [];
    private readonly Dictionary<ClusterNode, List<PodCidr>> _byNode = [];

    /// <summary>A node's podCIDRs that lie in an entry.</summary>
    internal IReadOnlyList<PodCidr> Of(ClusterNode node) =>
        _byNode.TryGetValue(node, out List<PodCidr>? own) ? own : [];

    /// <summary>Makes everything anew.</summary>
    internal void Rebuild(IReadOnlyCollection<ClusterNode> nodes, Segments segments)
    {
        _byLength.Clear();
        _byNode.Clear();
        var all = new List<PodCidr>();
        foreach (ClusterNode node in nodes.Where(static node => node.IsKnown))
        {
            foreach (IpPrefix prefix in node.PodCidrs.Where(segments.Cover).Distinct())
            {
                Add(new PodCidr(node, prefix), all);
            }
        }

        FindRivals(all);
        foreach (ClusterNode node in nodes)
        {
            foreach (PodAddress address in node.Addresses)
            {
                Count(address, node, 1, static _ => { });
            }
        }
    }

    /// <summary>Counts an address of a node's pods in or out.</summary>
    /// <param name="address">The address.</param>
    /// <param name="node">The pods' node.</param>
    /// <param name="delta">1 or -1.</param>
    /// <param name="turned">Gets the owner of each podCIDR that can be used now and could not, or the other way round.
    /// </param>
    internal void Count(PodAddress address, ClusterNode node, int delta, Action<ClusterNode> turned)
    {
        foreach (((bool isIpv6, int length), Dictionary<UInt128, List<PodCidr>> prefixes) in _byLength)
        {
            if (isIpv6 != address.IsIpv6
                || !prefixes.TryGetValue(address.First(length).Bits, out List<PodCidr>? covering))
            {
                continue;
            }

            foreach (PodCidr cidr in covering.Where(cidr => cidr.Owner != node))
            {
                bool was = cidr.IsUsable;
                cidr.ForeignAddresses += delta;
                if (was != cidr.IsUsable)
                {
                    turned(cidr.Owner);
                }
            }
        }
    }

    private void Add(PodCidr cidr, List<PodCidr> all)
    {
        (bool, int) key = (cidr.First.IsIpv6, cidr.Length);
        if (!_byLength.TryGetValue(key, out Dictionary<UInt128, List<PodCidr>>? prefixes))
        {
            prefixes = [];
            _byLength[key] = prefixes;
        }

        if (!prefixes.TryGetValue(cidr.First.Bits, out List<PodCidr>? same))
        {
            same = [];
            prefixes[cidr.First.Bits] = same;
        }

        if (!_byNode.TryGetValue(cidr.Owner, out List<PodCidr>? own))
        {
            own = [];
            _byNode[cidr.Owner] = own;
        }

        same.Add(cidr);
        own.Add(cidr);
        all.Add(cidr);
    }

    // By address and then by length, whatever overlaps a prefix and comes before it covers it: a stack holds these.
    private static void FindRivals(List<PodCidr> all)
    {
        all.Sort(static (a, b) =>
        {
            int byAddress = a.First.CompareTo(b.First);
            int byLength = byAddress != 0 ? byAddress : a.Length.CompareTo(b.Length);
            return byLength != 0 ? byLength : string.CompareOrdinal(a.Owner.Name, b.Owner.Name);
        });
        var covering = new Stack<PodCidr>();
        foreach (PodCidr cidr in all)
        {
            while (covering.TryPeek(out PodCidr? top) && !top.Covers(cidr.First))
            {
                covering.Pop();
            }

            foreach (PodCidr outer in covering.Where(outer => outer.Owner != cidr.Owner))
            {
                outer.Rival ??= cidr.Owner;
                cidr.Rival ??= outer.Owner;
            }

            covering.Push(cidr);
        }
    }
}

using System;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf.Collections;

namespace EdgeMesh.Cluster.Shards;

// Everything here walks two ordered lists side by side, so that the cost is one look at each entry. What has not
// changed is shared between the documents: none of their parts changes once it is in one.

/// <summary>Finds and makes changes between canonical documents of one cluster.</summary>
internal static class MeshChanges
{
    /// <summary>What turns one document into another, but for the hash of the second.</summary>
    public static MeshChange Diff(string cluster, MeshDocument from, MeshDocument to)
    {
        var change = new MeshChange
        {
            Schema = JsonReading.Schema,
            Cluster = cluster,
            BaseGeneration = from.Generation,
            Generation = to.Generation,
        };
        int old = 0;
        foreach (MeshNode node in to.Nodes)
        {
            while (old < from.Nodes.Count && string.CompareOrdinal(from.Nodes[old].Name, node.Name) < 0)
            {
                change.Removals.Add(from.Nodes[old++].Name);
            }

            bool isThere = old < from.Nodes.Count && from.Nodes[old].Name == node.Name;
            if (!isThere || !from.Nodes[old].Equals(node))
            {
                change.Nodes.Add(Diff(isThere ? from.Nodes[old] : null, node));
            }

            old += isThere ? 1 : 0;
        }

        for (; old < from.Nodes.Count; old++)
        {
            change.Removals.Add(from.Nodes[old].Name);
        }

        if (!from.CloudCidr.Equals(to.CloudCidr) || !from.EdgeCidr.Equals(to.EdgeCidr))
        {
            change.CidrsChanged = true;
            change.CloudCidr.AddRange(to.CloudCidr);
            change.EdgeCidr.AddRange(to.EdgeCidr);
        }

        return change;
    }

    /// <summary>Makes the document that a change describes. The old one stays as it is.</summary>
    /// <param name="current">Canonical.</param>
    /// <param name="change">What changes.</param>
    /// <param name="next">Canonical, and its hash is the one in the change.</param>
    /// <param name="problem">Why there is none, to follow the name of the change.</param>
    /// <returns>False if the change doesn't fit.</returns>
    public static bool TryApply(
        MeshDocument current,
        MeshChange change,
        [NotNullWhen(true)] out MeshDocument? next,
        [NotNullWhen(false)] out string? problem)
    {
        next = null;
        problem = null;
        if (current.Generation != change.BaseGeneration || change.Generation <= change.BaseGeneration)
        {
            problem = $"leads from generation {change.BaseGeneration} to {change.Generation}, and here is "
                + $"{current.Generation}";
            return false;
        }

        var made = new MeshDocument
        {
            Generation = change.Generation, Source = current.Source, Settings = current.Settings,
        };
        made.CloudCidr.AddRange(change.CidrsChanged ? change.CloudCidr : current.CloudCidr);
        made.EdgeCidr.AddRange(change.CidrsChanged ? change.EdgeCidr : current.EdgeCidr);
        if (!TryMerge(current.Nodes, change, made.Nodes)
            || !ShardCodec.HashOf(made).AsSpan().SequenceEqual(change.DocumentSha256.Span))
        {
            problem = $"does not fit the document of generation {current.Generation} here";
            return false;
        }

        next = made;
        return true;
    }

    private static NodeChange Diff(MeshNode? from, MeshNode to)
    {
        if (from is not null && HasSameHead(from, to))
        {
            var lists = new NodeChange { Name = to.Name };
            int old = 0;
            foreach (IpPrefix prefix in to.Prefixes)
            {
                while (old < from.Prefixes.Count && IpPrefixes.Compare(from.Prefixes[old], prefix) < 0)
                {
                    lists.Removed.Add(from.Prefixes[old++]);
                }

                if (old < from.Prefixes.Count && from.Prefixes[old].Equals(prefix))
                {
                    old++;
                }
                else
                {
                    lists.Added.Add(prefix);
                }
            }

            for (; old < from.Prefixes.Count; old++)
            {
                lists.Removed.Add(from.Prefixes[old]);
            }

            if (lists.CalculateSize() < to.CalculateSize())
            {
                return lists;
            }
        }

        return new NodeChange { Name = to.Name, Whole = to };
    }

    // Everything but the prefixes, fields of later versions included.
    private static bool HasSameHead(MeshNode from, MeshNode to) => WithoutPrefixes(from).Equals(WithoutPrefixes(to));

    private static MeshNode WithoutPrefixes(MeshNode node)
    {
        MeshNode head = node.Clone();
        head.Prefixes.Clear();
        return head;
    }

    private static bool TryMerge(RepeatedField<MeshNode> nodes, MeshChange change, RepeatedField<MeshNode> made)
    {
        int changed = 0;
        int removed = 0;
        foreach (MeshNode node in nodes)
        {
            for (; changed < change.Nodes.Count
                && string.CompareOrdinal(change.Nodes[changed].Name, node.Name) < 0; changed++)
            {
                if (!TryAdd(null, change.Nodes[changed], made))
                {
                    return false;
                }
            }

            if (removed < change.Removals.Count && change.Removals[removed] == node.Name)
            {
                removed++;
            }
            else if (changed == change.Nodes.Count || change.Nodes[changed].Name != node.Name)
            {
                made.Add(node);
            }
            else if (!TryAdd(node, change.Nodes[changed++], made))
            {
                return false;
            }
        }

        for (; changed < change.Nodes.Count; changed++)
        {
            if (!TryAdd(null, change.Nodes[changed], made))
            {
                return false;
            }
        }

        return removed == change.Removals.Count && MeshDocuments.IsInOrder(made);
    }

    private static bool TryAdd(MeshNode? before, NodeChange change, RepeatedField<MeshNode> made)
    {
        if (change.Whole is not null)
        {
            made.Add(change.Whole);
            return change.Whole.Name == change.Name;
        }

        if (before is null)
        {
            return false; // prefixes for a node that isn't there
        }

        MeshNode node = WithoutPrefixes(before);
        int added = 0;
        int removed = 0;
        foreach (IpPrefix prefix in before.Prefixes)
        {
            for (; added < change.Added.Count && IpPrefixes.Compare(change.Added[added], prefix) < 0; added++)
            {
                node.Prefixes.Add(change.Added[added]);
            }

            if (removed < change.Removed.Count && change.Removed[removed].Equals(prefix))
            {
                removed++;
            }
            else
            {
                node.Prefixes.Add(prefix);
            }
        }

        for (; added < change.Added.Count; added++)
        {
            node.Prefixes.Add(change.Added[added]);
        }

        made.Add(node);
        return removed == change.Removed.Count && MeshDocuments.IsInOrder(node.Prefixes);
    }
}

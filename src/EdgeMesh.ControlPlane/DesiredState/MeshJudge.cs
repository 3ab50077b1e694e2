using System;
using System.Collections.Generic;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlPlane.DesiredState;

// A node that is the same object in both documents is not looked at again. What it could contradict is known without
// it: its peer id and prefixes are in the index, and its addresses lie in no CIDR, in which all prefixes lie.

/// <summary>
/// Judges canonical documents as <see cref="MeshRules"/> does. One that follows a good one costs by the nodes that
/// changed, and one look at each name. One caller at a time.
/// </summary>
/// <remarks>
/// Documents have to share the nodes that did not change. Whatever is not plainly good is judged as a whole, so that
/// findings are the same; a document that is refused changes nothing of what is known.
/// </remarks>
/// <param name="ownNode">Name that must be among the nodes.</param>
internal sealed class MeshJudge(string ownNode)
{
    // Beyond that, making the index anew costs less than changing it entry by entry.
    private const int ChangedNodesMax = 256;

    private readonly HashSet<ByteString> _peers = [];
    private readonly PrefixIndex _prefixes = new();
    private PrefixSet<MeshSubject> _cidrs = new();
    private MeshDocument? _good; // the last one without findings, if it has CIDRs

    /// <summary>How many documents were judged as a whole.</summary>
    internal int WholeCount { get; private set; }

    /// <summary>Judges a document.</summary>
    /// <param name="mesh">Canonical, and never changed any more.</param>
    /// <returns>What is wrong, as <see cref="MeshRules.Judge(MeshDocument, string)"/> says it.</returns>
    internal IReadOnlyList<MeshFinding> Judge(MeshDocument mesh)
    {
        if (_good is not null && TryFollow(_good, mesh))
        {
            _good = mesh;
            return [];
        }

        WholeCount++;
        IReadOnlyList<MeshFinding> findings = MeshRules.Judge(mesh, ownNode);
        if (findings.Count == 0)
        {
            Remember(mesh);
        }

        return findings;
    }

    private void Remember(MeshDocument mesh)
    {
        // Without CIDRs nothing says that addresses of the underlay are none of the pods'.
        _good = mesh.CloudCidr.Count + mesh.EdgeCidr.Count == 0 ? null : mesh;
        _peers.Clear();
        _cidrs = new PrefixSet<MeshSubject>();
        _prefixes.Reset(_good is null ? [] : mesh.Nodes);
        if (_good is null)
        {
            return;
        }

        foreach (MeshNode node in mesh.Nodes)
        {
            _peers.Add(node.PeerId);
        }

        foreach (IpPrefix cidr in mesh.CloudCidr)
        {
            _cidrs.TryAdd(cidr, default, out _);
        }

        foreach (IpPrefix cidr in mesh.EdgeCidr)
        {
            _cidrs.TryAdd(cidr, default, out _);
        }
    }

    // False: not plainly good, and nothing has changed here.
    private bool TryFollow(MeshDocument before, MeshDocument mesh)
    {
        var gone = new List<MeshNode>();
        var come = new MeshDocument();
        if (!mesh.CloudCidr.Equals(before.CloudCidr)
            || !mesh.EdgeCidr.Equals(before.EdgeCidr)
            || mesh.Nodes.Count > ControlLimits.NodesMax
            || !TryCompare(before, mesh, gone, come)
            || !MeshRules.AreGood(come, _cidrs))
        {
            return false;
        }

        var old = new PrefixIndex();
        old.Reset(gone);
        var fresh = new PrefixIndex();
        fresh.Reset(come.Nodes);
        if (_prefixes.Count - old.Count + fresh.Count > ControlLimits.PrefixesMax || !AreFree(gone, come, old))
        {
            return false;
        }

        foreach (MeshNode node in gone)
        {
            _peers.Remove(node.PeerId);
            Each(node, prefix => !fresh.Contains(prefix), _prefixes.Remove);
        }

        foreach (MeshNode node in come.Nodes)
        {
            _peers.Add(node.PeerId);
            Each(node, prefix => !old.Contains(prefix), _prefixes.Add);
        }

        return true;
    }

    // Walks two ordered lists side by side.
    private bool TryCompare(MeshDocument before, MeshDocument mesh, List<MeshNode> gone, MeshDocument come)
    {
        int old = 0;
        bool hasOwn = false;
        MeshNode? last = null;
        foreach (MeshNode node in mesh.Nodes)
        {
            if (last is not null && string.CompareOrdinal(last.Name, node.Name) >= 0)
            {
                return false; // not in order: a name may be there twice
            }

            last = node;
            hasOwn |= node.Name == ownNode;
            while (old < before.Nodes.Count && string.CompareOrdinal(before.Nodes[old].Name, node.Name) < 0)
            {
                gone.Add(before.Nodes[old++]);
            }

            bool isThere = old < before.Nodes.Count && before.Nodes[old].Name == node.Name;
            if (!isThere || !ReferenceEquals(before.Nodes[old], node))
            {
                gone.AddRange(isThere ? [before.Nodes[old]] : []);
                come.Nodes.Add(node);
            }

            old += isThere ? 1 : 0;
            if (gone.Count + come.Nodes.Count > ChangedNodesMax)
            {
                return false;
            }
        }

        for (; old < before.Nodes.Count; old++)
        {
            gone.Add(before.Nodes[old]);
        }

        return hasOwn && gone.Count <= ChangedNodesMax;
    }

    // Has nobody who stays the same peer id or prefix as one who comes?
    private bool AreFree(List<MeshNode> gone, MeshDocument come, PrefixIndex old)
    {
        var oldPeers = new HashSet<ByteString>();
        foreach (MeshNode node in gone)
        {
            oldPeers.Add(node.PeerId);
        }

        foreach (MeshNode node in come.Nodes)
        {
            if (_peers.Contains(node.PeerId) && !oldPeers.Contains(node.PeerId))
            {
                return false;
            }

            foreach (IpPrefix prefix in node.Prefixes)
            {
                if (_prefixes.Contains(prefix) && !old.Contains(prefix))
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static void Each(MeshNode node, Func<IpPrefix, bool> isWanted, Action<IpPrefix> act)
    {
        foreach (IpPrefix prefix in node.Prefixes)
        {
            if (isWanted(prefix))
            {
                act(prefix);
            }
        }
    }
}

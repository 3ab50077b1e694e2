using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Makes the mesh document of what the cluster says: events in, document and findings out.</summary>
/// <remarks>
/// No I/O, no clock: the same events in any order give the same document. Costs follow what has changed: one node's
/// pods are looked at again if one of them came or went. One caller at a time. Nothing is removed because it is absent:
/// whoever feeds the composer says what is gone, and <see cref="ComposedMesh.Unproven"/> asks for it.
/// </remarks>
internal sealed class MeshComposer
{
    private readonly Dictionary<string, ClusterNode> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, PodFacts> _pods = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ControllerFinding> _unreadable = new(StringComparer.Ordinal);
    private readonly AddressClaims _claims = new();
    private readonly PodCidrIndex _podCidrs = new();
    private ControllerSettings _settings = new();
    private Segments _segments = new([], []);
    private MeshDocument? _document;
    private bool _areNodesDirty = true; // nodes, their podCIDRs, or the settings

    /// <summary>What nodes publish and what is trusted.</summary>
    internal TrustBook Trust { get; } = new();

    /// <summary>Nodes that the cluster has.</summary>
    internal int KnownNodes => _nodes.Values.Count(static node => node.IsKnown);

    /// <summary>Does the cluster have the node?</summary>
    internal bool IsKnown(string name) => _nodes.TryGetValue(name, out ClusterNode? node) && node.IsKnown;

    /// <summary>Pods with addresses that count.</summary>
    internal int Pods => _pods.Count;

    /// <summary>Begins with the document in force, so that nothing in it goes before its absence is proven.</summary>
    internal void Restore(MeshDocument document)
    {
        _document = document;
        foreach (MeshNode node in document.Nodes)
        {
            NodeOf(node.Name).InMesh = node;
        }
    }

    /// <summary>Takes other settings.</summary>
    internal void SetSettings(ControllerSettings settings)
    {
        _settings = settings;
        _segments = new Segments(settings.CloudCidr, settings.EdgeCidr);
        _areNodesDirty = true;
        foreach (ClusterNode node in _nodes.Values)
        {
            node.IsDirty = true;
        }
    }

    /// <summary>The cluster has a node.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="podCidrs">Its podCIDRs, canonical.</param>
    internal void SetNode(string name, IReadOnlyList<IpPrefix> podCidrs)
    {
        ClusterNode node = NodeOf(name);
        if (node.IsKnown && node.PodCidrs.SequenceEqual(podCidrs))
        {
            return;
        }

        node.IsKnown = true;
        node.PodCidrs = podCidrs;
        node.IsDirty = true;
        _areNodesDirty = true;
    }

    /// <summary>The cluster has no such node: that is proven.</summary>
    internal void RemoveNode(string name)
    {
        if (!_nodes.TryGetValue(name, out ClusterNode? node))
        {
            return;
        }

        node.IsKnown = false;
        node.InMesh = null;
        node.PodCidrs = [];
        node.Findings.Clear();
        _areNodesDirty = true;
        Forget(node);
    }

    /// <summary>A pod is there, or there again with other addresses.</summary>
    /// <param name="key">Namespace and name.</param>
    /// <param name="facts">What counts of it; null: nothing (host network, finished, no address yet).</param>
    internal void SetPod(string key, PodFacts? facts)
    {
        _pods.TryGetValue(key, out PodFacts? before);
        if (before is not null && facts is not null && before.Node == facts.Node && before.IsEnding == facts.IsEnding
            && before.Addresses.SequenceEqual(facts.Addresses))
        {
            return;
        }

        // In before out: an address that stays never looks free in between.
        if (facts is not null)
        {
            Count(NodeOf(facts.Node), facts, 1);
            _pods[key] = facts with { Node = NodeOf(facts.Node).Name }; // one text a node, not one a pod
        }

        if (before is not null)
        {
            Count(NodeOf(before.Node), before, -1);
            Forget(NodeOf(before.Node));
        }

        if (facts is null)
        {
            _pods.Remove(key);
        }
    }

    /// <summary>An object can't be used; what was known of it stays.</summary>
    /// <param name="key">Which object.</param>
    /// <param name="finding">What is wrong with it; null: it is good again, or gone.</param>
    internal void SetUnreadable(string key, ControllerFinding? finding)
    {
        if (finding is null)
        {
            _unreadable.Remove(key);
        }
        else
        {
            _unreadable[key] = finding;
        }
    }

    /// <summary>Makes the document of this moment.</summary>
    internal ComposedMesh Compose()
    {
        bool areNodesChanged = _areNodesDirty;
        if (_areNodesDirty)
        {
            RebuildPodCidrs();
        }

        if (areNodesChanged || Trust.IsDirty)
        {
            Decide();
        }

        bool isChanged = RemakeNodes() | areNodesChanged;
        if (isChanged || _document is null)
        {
            isChanged = TakeDocument();
        }

        List<ControllerFinding> findings = [.. FindingsNow()];
        return new ComposedMesh(
            findings.Exists(static finding => finding.Node.Length == 0 && finding.Reason == FindingReason.MeshRefused)
                ? null : _document,
            isChanged, findings, TrustWanted(), Superseded(), Unproven());
    }

    private ClusterNode NodeOf(string name)
    {
        if (!_nodes.TryGetValue(name, out ClusterNode? node))
        {
            node = new ClusterNode(name);
            _nodes[name] = node;
        }

        return node;
    }

    private void Forget(ClusterNode node)
    {
        if (!node.IsKnown && node.InMesh is null && node.Addresses.Count == 0)
        {
            _nodes.Remove(node.Name);
        }
    }

    private void Count(ClusterNode node, PodFacts facts, int delta)
    {
        foreach (PodAddress address in facts.Addresses)
        {
            bool isTurn = _claims.Change(address, node, facts.IsEnding, delta);
            node.IsDirty = true;
            foreach (AddressClaim claim in _claims.Of(address))
            {
                claim.Node.IsDirty = true;
            }

            if (!isTurn)
            {
                continue;
            }

            if (delta > 0)
            {
                node.Addresses.Add(address);
            }
            else
            {
                node.Addresses.Remove(address);
            }

            if (!_areNodesDirty)
            {
                _podCidrs.Count(address, node, delta, static owner => owner.IsDirty = true);
            }
        }
    }

    private void RebuildPodCidrs()
    {
        _podCidrs.Rebuild(_nodes.Values, _segments);
        _areNodesDirty = false;
        foreach (ClusterNode node in _nodes.Values)
        {
            node.IsDirty |= node.PodCidrs.Count > 0;
        }
    }

    private void Decide()
    {
        Dictionary<string, TrustVerdict> verdicts = Trust.Decide(
            _nodes.Values.Where(static node => node.IsKnown || node.InMesh is not null)
                .Select(static node => node.Name),
            _settings.Trust);
        foreach (ClusterNode node in _nodes.Values)
        {
            TrustVerdict verdict = verdicts.GetValueOrDefault(node.Name, TrustVerdict.Nothing);
            node.IsDirty |= verdict.Peer != node.Verdict.Peer || verdict.Publication != node.Verdict.Publication;
            node.Verdict = verdict;
        }
    }

    // Of the nodes that changed; those that only an earlier document knows stay as they are there.
    private bool RemakeNodes()
    {
        var prefixes = new NodePrefixes(_segments, _podCidrs, _claims);
        var made = new List<(ClusterNode Node, MeshNode Made)>();
        bool isChanged = false;
        foreach (ClusterNode node in _nodes.Values.Where(static node => node is { IsDirty: true, IsKnown: true }))
        {
            node.IsDirty = false;
            node.Findings.Clear();
            IReadOnlyList<IpPrefix> own = prefixes.Of(node, node.Findings);
            if (node.Verdict.Peer is null)
            {
                isChanged |= node.InMesh is not null;
                node.InMesh = null;
                continue;
            }

            made.Add((node, Make(node, own)));
        }

        ClusterNode[] unproven = [.. _nodes.Values.Where(static node => !node.IsKnown && node.InMesh is not null)];
        foreach (ClusterNode node in unproven)
        {
            node.Findings.Clear();
            made.Add((node, node.InMesh!));
        }

        var guard = new MeshGuard(_settings);
        foreach ((ClusterNode node, MeshNode? judged) in guard.Judge(made))
        {
            isChanged |= !Equals(node.InMesh, judged);
            node.InMesh = judged is not null && judged.Equals(node.InMesh) ? node.InMesh : judged;
        }

        return isChanged;
    }

    private MeshNode Make(ClusterNode node, IReadOnlyList<IpPrefix> prefixes)
    {
        RelayNode? relay = _settings.Relays.FirstOrDefault(relay => relay.Node == node.Name);
        // A publication that is gone takes no address away: the node makes another one, or its absence is proven.
        IEnumerable<string> published = node.Verdict.Publication?.Addresses
            ?? (node.InMesh?.Addresses ?? Enumerable.Empty<string>());
        var made = new MeshNode
        {
            Name = node.Name,
            PeerId = ByteString.CopyFrom(node.Verdict.Peer!.Bytes.Span),
            Relay = relay is not null,
        };
        made.Addresses.AddRange(
            (relay?.Addresses ?? []).Concat(published).Distinct(StringComparer.Ordinal)
                .Take(ControlLimits.AddressesPerNodeMax));
        made.Prefixes.AddRange(prefixes);
        return made;
    }

    private bool TakeDocument()
    {
        var next = new MeshDocument();
        next.CloudCidr.AddRange(_settings.CloudCidr);
        next.EdgeCidr.AddRange(_settings.EdgeCidr);
        // Their prefixes are in order already; what has not changed is shared with the document before.
        next.Nodes.AddRange(_nodes.Values.Select(static node => node.InMesh).OfType<MeshNode>()
            .OrderBy(static node => node.Name, StringComparer.Ordinal));
        SetUnreadable("mesh", MeshGuard.JudgeSize(next));
        if (_unreadable.ContainsKey("mesh"))
        {
            return false;
        }

        if (_document is not null && IsSame(_document, next))
        {
            return false;
        }

        _document = next;
        return true;
    }

    private static bool IsSame(MeshDocument one, MeshDocument other) =>
        one.CloudCidr.Equals(other.CloudCidr) && one.EdgeCidr.Equals(other.EdgeCidr) && one.Nodes.Equals(other.Nodes);

    private IEnumerable<ControllerFinding> FindingsNow() => _nodes.Values
        .Where(static node => node.IsKnown || node.Findings.Count > 0)
        .SelectMany(static node => node.Verdict.Findings.Concat(node.Findings))
        .Concat(_unreadable.Values);

    private Dictionary<string, KeyRecord> TrustWanted() => _nodes.Values
        .Where(static node => node.IsKnown && node.Verdict.Wanted is not null)
        .ToDictionary(static node => node.Name, static node => node.Verdict.Wanted!, StringComparer.Ordinal);

    private List<SeenPublication> Superseded() =>
    [
        .. _nodes.Values.Where(static node => node.IsKnown)
            .SelectMany(node => Trust.SupersededOf(node.Name, node.Verdict)),
    ];

    private List<string> Unproven() =>
    [
        .. _nodes.Values.Where(static node => !node.IsKnown && node.InMesh is not null)
            .Select(static node => node.Name)
            .Union(Trust.PublishedNodes.Where(name => !IsKnown(name)))
            .Order(StringComparer.Ordinal),
    ];
}

using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Addresses;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>The keys that nodes show and those that are trusted; decides which are.</summary>
/// <remarks>
/// A key counts from when the cluster keeps it, not from when it was decided: a controller that dies in between leaves
/// nothing that another one would decide otherwise. A key that changed, or that another node has, changes nothing.
/// </remarks>
internal sealed class TrustBook
{
    private readonly Dictionary<string, SeenPublication> _publications = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SeenPublication>> _byNode = new(StringComparer.Ordinal); // oldest first
    private readonly Dictionary<string, KeyRecord> _records = new(StringComparer.Ordinal);

    /// <summary>Has anything come since <see cref="Decide"/>?</summary>
    internal bool IsDirty { get; private set; } = true;

    /// <summary>Nodes of which there are publications.</summary>
    internal IReadOnlyCollection<string> PublishedNodes => _byNode.Keys;

    /// <summary>Greatest generation that a trusted node says it has in force; 0: none.</summary>
    internal ulong GreatestGeneration => _publications.Values
        .Where(one => _records.GetValueOrDefault(one.Node)?.Approved == one.PeerId)
        .Select(static one => one.Generation).DefaultIfEmpty().Max();

    /// <summary>What the cluster keeps of each node.</summary>
    internal IReadOnlyDictionary<string, KeyRecord> Records => _records;

    /// <summary>A publication is there; it may be known already.</summary>
    internal void Set(SeenPublication publication)
    {
        if (_publications.TryGetValue(publication.ObjectName, out SeenPublication? known))
        {
            if (known.Age == publication.Age)
            {
                return;
            }

            Remove(publication.ObjectName); // it was deleted and made again while nobody watched: it is the newest now
        }

        _publications[publication.ObjectName] = publication;
        IsDirty = true;
        if (!_byNode.TryGetValue(publication.Node, out List<SeenPublication>? same))
        {
            same = [];
            _byNode[publication.Node] = same;
        }

        same.Add(publication);
        same.Sort(static (a, b) => a.Age.CompareTo(b.Age));
    }

    /// <summary>A publication is gone.</summary>
    internal void Remove(string objectName)
    {
        if (!_publications.Remove(objectName, out SeenPublication? publication))
        {
            return;
        }

        IsDirty = true;
        List<SeenPublication> same = _byNode[publication.Node];
        same.Remove(publication);
        if (same.Count == 0)
        {
            _byNode.Remove(publication.Node);
        }
    }

    /// <summary>What the cluster keeps of a node; null: nothing.</summary>
    internal void SetRecord(string node, KeyRecord? record)
    {
        if (_records.GetValueOrDefault(node) == record)
        {
            return;
        }

        IsDirty = true;
        if (record is null)
        {
            _records.Remove(node);
        }
        else
        {
            _records[node] = record;
        }
    }

    /// <summary>The publications of a node, oldest first.</summary>
    internal IReadOnlyList<SeenPublication> Of(string node) =>
        _byNode.TryGetValue(node, out List<SeenPublication>? same) ? same : [];

    /// <summary>Decides about all nodes.</summary>
    /// <param name="nodes">Names of the nodes that are there; only these hold keys.</param>
    /// <param name="mode">What becomes of first keys.</param>
    /// <returns>By name; a node that has said nothing is missing.</returns>
    internal Dictionary<string, TrustVerdict> Decide(IEnumerable<string> nodes, TrustMode mode)
    {
        IsDirty = false;
        var holders = new Dictionary<PeerId, string>();
        var verdicts = new Dictionary<string, TrustVerdict>(StringComparer.Ordinal);
        var first = new List<string>();
        string[] present = [.. nodes.Order(StringComparer.Ordinal)];
        foreach (string node in present)
        {
            if (_records.TryGetValue(node, out KeyRecord? record) && record.Approved is { } approved)
            {
                holders.TryAdd(approved, node);
            }
            else if (Of(node).Count > 0)
            {
                first.Add(node);
            }
        }

        foreach (string node in present.Where(node => _records.GetValueOrDefault(node)?.Approved is not null))
        {
            verdicts[node] = DecideApproved(node, _records[node], holders);
        }

        foreach (string node in first.OrderBy(node => Of(node)[0].Age, PublicationAge.Order))
        {
            verdicts[node] = DecideFirst(node, mode, holders);
        }

        return verdicts;
    }

    /// <summary>Publications of a node that another one has taken the place of.</summary>
    internal IEnumerable<SeenPublication> SupersededOf(string node, TrustVerdict verdict)
    {
        IReadOnlyList<SeenPublication> all = Of(node);
        bool isFirstKept = verdict.Peer is null && _records.GetValueOrDefault(node) is null;
        return all.Where((publication, i) =>
            i != all.Count - 1 && publication != verdict.Publication && !(isFirstKept && i == 0));
    }

    private TrustVerdict DecideApproved(string node, KeyRecord record, Dictionary<PeerId, string> holders)
    {
        PeerId approved = record.Approved!;
        IReadOnlyList<SeenPublication> shown = Of(node);
        SeenPublication? newest = shown.Count == 0 ? null : shown[^1];
        SeenPublication? publication = Of(node).LastOrDefault(publication => publication.PeerId == approved);
        var findings = new List<ControllerFinding>();
        PeerId? pending = null;
        if (newest is not null && newest.PeerId != approved && !IsHeld(node, newest.PeerId, holders, findings))
        {
            pending = newest.PeerId;
            findings.Add(new ControllerFinding(FindingReason.KeyChanged, node, pending.ToString(),
                $"node '{node}' shows the key {pending}, but {approved} is trusted and stays so: if it was installed "
                + $"anew, 'edgemesh trust {node}' takes the new key; if not, somebody else speaks for it"));
        }

        KeyRecord wanted = new(approved, newest is null ? record.Pending : pending);
        if (IsHeld(node, approved, holders, findings))
        {
            return new TrustVerdict(null, null, Difference(record, wanted), findings);
        }

        return new TrustVerdict(approved, publication, Difference(record, wanted), findings);
    }

    private TrustVerdict DecideFirst(string node, TrustMode mode, Dictionary<PeerId, string> holders)
    {
        var findings = new List<ControllerFinding>();
        KeyRecord? record = _records.GetValueOrDefault(node);
        PeerId newest = Of(node)[^1].PeerId;
        PeerId? candidate = CandidatesOf(node, mode, record).Distinct()
            .FirstOrDefault(peer => !IsHeld(node, peer, holders, findings));
        if (candidate is null)
        {
            return new TrustVerdict(null, null, null, findings);
        }

        if (mode == TrustMode.Pin)
        {
            holders[candidate] = node;
            PeerId? pending = newest == candidate || IsHeld(node, newest, holders, findings) ? null : newest;
            return new TrustVerdict(null, null, new KeyRecord(candidate, pending), findings);
        }

        findings.Add(new ControllerFinding(FindingReason.KeyPending, node, candidate.ToString(),
            $"node '{node}' shows its first key, {candidate}: compare it with what 'edgemesh-dataplane identity' "
            + $"prints there, then 'edgemesh trust {node}'"));
        return new TrustVerdict(null, null, Difference(record, new KeyRecord(null, candidate)), findings);
    }

    // The first key is pinned; the operator is asked about the newest.
    private IEnumerable<PeerId> CandidatesOf(string node, TrustMode mode, KeyRecord? record)
    {
        IEnumerable<PeerId> shown = Of(node).Select(static publication => publication.PeerId);
        if (mode == TrustMode.Approve)
        {
            return shown.Reverse();
        }

        return record?.Pending is { } pending && shown.Contains(pending) ? shown.Prepend(pending) : shown;
    }

    private static KeyRecord? Difference(KeyRecord? record, KeyRecord wanted) =>
        record == wanted ? null : wanted;

    private static bool IsHeld(
        string node, PeerId peer, Dictionary<PeerId, string> holders, List<ControllerFinding> findings)
    {
        if (!holders.TryGetValue(peer, out string? holder) || holder == node)
        {
            return false;
        }

        findings.Add(new ControllerFinding(FindingReason.DuplicatePeerId, node, peer.ToString(),
            $"node '{node}' has the peer id {peer} of node '{holder}', which keeps it: each node has a key of its own; "
            + "if its state directory was copied, remove the copy's identity"));
        return true;
    }
}

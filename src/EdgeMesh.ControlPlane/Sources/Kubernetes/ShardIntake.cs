using System;
using System.Collections.Generic;
using System.Threading;
using EdgeMesh.Addresses;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.Logging;
using Google.Protobuf.Collections;

namespace EdgeMesh.ControlPlane.Sources.Kubernetes;

/// <summary>
/// Puts the newest document of the cluster in force, whichever way its shards come. What is wrong is told; what is in
/// force stays. Safe from every thread.
/// </summary>
/// <remarks>
/// A document that doesn't have this node is no error: the controller has not admitted it yet. So is one that has
/// another key for it: the operator has to say which one is right.
/// </remarks>
internal sealed class ShardIntake
{
    private readonly string _node;
    private readonly MeshIntake _intake;
    private readonly SharedValue<DataplaneFacts> _facts;
    private readonly SharedValue<SourceState> _state;
    private readonly ProblemBoard _board;
    private readonly StructuredLog _log;
    private readonly ProblemLog _problems;
    private readonly Lock _lock = new();
    private readonly ShardReader _reader;
    private MeshDocument? _judged;           // the last one that was looked at
    private string _judgedFor = "";          // this node's key at that time
    private List<string> _refusal = [];      // why it is not in force
    private string _trust = "";
    private bool _isPending;
    private bool _isSynced;
    private DateTimeOffset? _written;
    private long? _heard;

    internal ShardIntake(
        string node,
        DesiredMesh desired,
        SharedValue<DataplaneFacts> facts,
        SharedValue<SourceState> state,
        ProblemBoard board,
        StructuredLog log)
    {
        _node = node;
        _intake = new MeshIntake(node, desired, log);
        _facts = facts;
        _state = state;
        _board = board;
        _log = log;
        _problems = new ProblemLog(log, "mesh_shard_problem");
        _reader = new ShardReader(desired.Read().Document);
    }

    /// <summary>Is this node missing in the newest document?</summary>
    internal bool IsUnadmitted
    {
        get
        {
            lock (_lock)
            {
                return _trust is "not admitted" or "pending";
            }
        }
    }

    /// <summary>Takes objects, in any order. Before <see cref="Settle"/> nothing of it comes in force.</summary>
    internal void Take(IEnumerable<ClusterObject> seen)
    {
        lock (_lock)
        {
            foreach (ClusterObject one in seen)
            {
                _reader.Handle(one);
            }

            if (_reader.Index is { } index && index.Written != _written)
            {
                _written = index.Written; // a controller is there, however many caches lie between
                _heard = Environment.TickCount64;
            }

            if (_isSynced)
            {
                Judge();
            }
        }
    }

    /// <summary>All that is at hand has been taken: from now on each document comes in force as it gets
    /// whole.</summary>
    /// <param name="isComplete">Is it all that there is? Not if it comes out of a cache.</param>
    internal void Settle(bool isComplete)
    {
        lock (_lock)
        {
            _isSynced = true;
            _heard = isComplete ? Environment.TickCount64 : _heard;
            Judge();
        }
    }

    /// <summary>The source has proved that it is followed.</summary>
    internal void Hear()
    {
        lock (_lock)
        {
            _heard = Environment.TickCount64;
            Publish();
        }
    }

    /// <summary>Looks again: this node's own key may be known now.</summary>
    internal void LookAgain()
    {
        lock (_lock)
        {
            if (_isSynced)
            {
                Judge();
            }
        }
    }

    /// <summary>The key of this node waits for the operator, or doesn't any more.</summary>
    internal void SetPending(bool isPending)
    {
        lock (_lock)
        {
            _isPending = isPending;
            _trust = _trust is "not admitted" or "pending" ? Unadmitted() : _trust;
            Publish();
        }
    }

    /// <summary>Names of objects that would lead to a newer document.</summary>
    internal IReadOnlyList<string> Wanted()
    {
        lock (_lock)
        {
            return _reader.Wanted();
        }
    }

    private void Judge()
    {
        string key = _facts.Read().Value?.PeerId ?? "";
        if (_reader.Document is { } document && (!ReferenceEquals(document, _judged) || key != _judgedFor))
        {
            _judged = document;
            _judgedFor = key;
            Offer(document, key);
        }

        List<string> problems = [.. _reader.Problems, .. _refusal];
        if (_reader.Document is { } inForce && _reader.NewestSeen > 0 && _reader.NewestSeen < inForce.Generation)
        {
            problems.Add($"the cluster's newest document is generation {_reader.NewestSeen}, and this node has "
                + $"{inForce.Generation} in force: it stays until the controller has counted beyond it");
        }

        if (_reader.Document is null && _reader.Index is null)
        {
            problems.Add($"the cluster has no mesh document '{ClusterNames.Index}' yet: see whether edgemesh's "
                + "controller runs");
        }

        _problems.Report(problems);
        _board.Set(ProblemBoard.Mesh, problems);
        Publish();
    }

    private void Offer(MeshDocument document, string key)
    {
        _refusal = [];
        MeshNode? own = Find(document.Nodes, _node);
        string trust = own is null ? Unadmitted() : TrustOf(own, key);
        if (trust != _trust)
        {
            _log.Info("mesh_trust", ("node", _node), ("trust", trust.Length == 0 ? "unknown" : trust),
                ("generation", document.Generation));
            _trust = trust;
        }

        if (own is null || trust == "changed")
        {
            return;
        }

        foreach (MeshFinding finding in _intake.OfferCanonical(document))
        {
            _refusal.Add($"generation {document.Generation} of the cluster is not taken: {finding.ToText()}");
        }
    }

    private string Unadmitted() => _isPending ? "pending" : "not admitted";

    private static string TrustOf(MeshNode own, string key) =>
        key.Length == 0 ? ""
        : PeerId.TryDecode(own.PeerId.Span, out PeerId? peer, out _) && peer.ToString() == key ? "pinned"
        : "changed";

    private void Publish() => _state.Set(new SourceState(_trust, _heard));

    // Nodes of a canonical document are ordered.
    private static MeshNode? Find(RepeatedField<MeshNode> nodes, string name)
    {
        int low = 0;
        int high = nodes.Count - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            int order = string.CompareOrdinal(nodes[middle].Name, name);
            if (order == 0)
            {
                return nodes[middle];
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return null;
    }
}

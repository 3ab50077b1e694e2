using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cluster.Shards;

/// <summary>
/// Makes the newest whole document out of the index, shards and deltas that come in, in any order and any number of
/// times. One caller at a time.
/// </summary>
/// <remarks>
/// <para>
/// Nothing here ever goes away by absence: there is no way to tell the reader that an object is gone. A document is
/// followed only by one of a greater generation of the same cluster, put together from pieces whose hashes agree.
/// </para>
/// <para>
/// Costs: the newest document, the bytes of shards that wait for others or for their index (at most
/// <see cref="ClusterLimits.DocumentBytesMax"/>), and at most
/// <see cref="ClusterLimits.DeltasPendingBytesMax"/> of changes that wait for one before them.
/// </para>
/// </remarks>
public sealed class ShardReader
{
    private readonly ShardPieces _pieces = new();
    private readonly PendingChanges _pending = new();
    private string? _cluster;
    private string? _documentHash; // of _document, once somebody has asked
    private string? _indexProblem;
    private string? _documentProblem;
    private string? _deltaProblem;

    /// <summary>Begins with the document in force, so that deltas fit onto it.</summary>
    /// <param name="inForce">
    /// Canonical. If it is of a cluster, objects of others are refused; else the first index says which cluster it is.
    /// Null: there is none.
    /// </param>
    /// <param name="cluster">The cluster, if it is known from elsewhere; objects of others are refused.</param>
    public ShardReader(MeshDocument? inForce, string? cluster = null)
    {
        string? before = inForce is null ? null : ClusterNames.ClusterOf(inForce.Source);
        _cluster = cluster ?? before;
        Document = before is null || before != _cluster ? null : inForce;
    }

    /// <summary>The newest whole document; never changed once it is here. Null: none yet.</summary>
    public MeshDocument? Document { get; private set; }

    /// <summary>The newest index; null: none yet.</summary>
    public MeshIndex? Index { get; private set; }

    /// <summary>Greatest generation that an object of this cluster has named; what was in force doesn't
    /// count.</summary>
    public ulong NewestSeen { get; private set; }

    /// <summary>Greatest generation that deltas claim whose index is missing; anybody may have written them. 0: none.
    /// </summary>
    internal ulong NewestClaimed => Index is null ? _pending.NewestClaimed : 0;

    /// <summary>Deltas applied since the last document that was taken whole.</summary>
    public int DeltasApplied { get; private set; }

    /// <summary>What is wrong with what came in, a sentence each; none: all is well, or on its way.</summary>
    public IReadOnlyList<string> Problems =>
    [
        .. new[] { _indexProblem, _documentProblem, _deltaProblem, GapProblem(), ForgeryProblem() }.OfType<string>(),
    ];

    /// <summary>
    /// Names of objects that would lead to a newer document and are not here. Ask for them, in order, once everything
    /// that is at hand has been handled; what can't be had may come by itself later.
    /// </summary>
    public IReadOnlyList<string> Wanted()
    {
        var wanted = new List<string>();
        if (Index is null)
        {
            wanted.Add(ClusterNames.Index);
        }
        else if (IsIndexAhead())
        {
            wanted.AddRange(_pieces.Missing(Index!).Select(static shard => shard.Name));
        }
        else if (Document is not null && _pending.ProvenCount > 0)
        {
            wanted.Add(ClusterNames.DeltaOf(Document.Generation + 1));
        }

        return wanted;
    }

    /// <summary>Takes an object: new, known or of no interest.</summary>
    /// <param name="seen">The object as it is in the cluster.</param>
    /// <returns>True if <see cref="Document"/> is another one now.</returns>
    public bool Handle(ClusterObject seen)
    {
        ArgumentNullException.ThrowIfNull(seen);
        MeshDocument? before = Document;
        if (seen.Name == ClusterNames.Index)
        {
            HandleIndex(seen);
        }
        else if (ClusterNames.IsShard(seen.Name))
        {
            HandleShard(seen);
        }
        else if (ClusterNames.IsDelta(seen.Name, out int place))
        {
            HandleDelta(seen, place);
        }

        Advance();
        return !ReferenceEquals(before, Document);
    }

    private void HandleIndex(ClusterObject seen)
    {
        if (!seen.Data.TryGetValue(ClusterNames.IndexKey, out string? text))
        {
            _indexProblem = $"the index '{ClusterNames.Index}' has no {ClusterNames.IndexKey}: what is in force stays";
            return;
        }

        if (!MeshIndex.TryParse(text, out MeshIndex? index, out string? problem))
        {
            _indexProblem = $"{problem}: what is in force stays";
            return;
        }

        if (_cluster is not null && index.Cluster != _cluster)
        {
            _indexProblem = $"the index is of cluster {index.Cluster}, and this node belongs to {_cluster}: what is in "
                + "force stays. If the node was moved, stop edgemesh on it, remove its desired.snapshot, and start it";
            return;
        }

        _indexProblem = null;
        _cluster = index.Cluster;
        NewestSeen = Math.Max(NewestSeen, index.Generation);

        // An older one is a late copy out of some cache.
        if (Index is null || index.Generation >= Index.Generation)
        {
            Index = index;
            _pending.Prove(IsProven);
            NewestSeen = Math.Max(NewestSeen, _pending.NewestProven);
        }
    }

    private void HandleShard(ClusterObject seen)
    {
        if (!seen.BinaryData.TryGetValue(seen.Name, out byte[]? bytes)
            || bytes.Length is 0 or > ClusterLimits.ShardBytesMax)
        {
            _documentProblem = $"the shard '{seen.Name}' holds {bytes?.Length ?? 0} bytes; there are 1 to "
                + $"{ClusterLimits.ShardBytesMax}: what is in force stays";
            return;
        }

        _pieces.Add(seen.Name, bytes); // its index may come after it
    }

    private void HandleDelta(ClusterObject seen, int place)
    {
        if (!seen.BinaryData.TryGetValue(seen.Name, out byte[]? bytes)
            || bytes.Length is 0 or > ClusterLimits.ShardBytesMax)
        {
            _deltaProblem = $"the delta '{seen.Name}' holds {bytes?.Length ?? 0} bytes; there are 1 to "
                + $"{ClusterLimits.ShardBytesMax}: it is left out";
            return;
        }

        if (!ShardCodec.TryDecode([bytes], MeshChange.Parser, out MeshChange? change, out string? problem)
            || (problem = FaultOf(change, place)) is not null)
        {
            _deltaProblem = $"the delta '{seen.Name}' {problem}: it is left out";
            return;
        }

        if (change.Generation <= (Document?.Generation ?? 0))
        {
            return; // known
        }

        bool isProven = IsProven(change);
        NewestSeen = isProven ? Math.Max(NewestSeen, change.Generation) : NewestSeen;
        _pending.Add(change, bytes.Length, isProven);
    }

    // Anybody who may create ConfigMaps can make what looks like a delta.
    private bool IsProven(MeshChange change) => Index is { } index && change.Generation > index.Generation
        && DeltaChain.IsToken(index.Chain, change.Generation - index.Generation, change.Token.Span);

    private string? FaultOf(MeshChange change, int place)
    {
        if (change.Schema != JsonReading.Schema)
        {
            return $"has schema {change.Schema}, and this version reads schema {JsonReading.Schema}: update the older "
                + "side";
        }

        if (change.Cluster != _cluster && (_cluster is not null || !ClusterNames.IsClusterId(change.Cluster)))
        {
            return $"is of cluster {PlainOf(change.Cluster)}, and this node belongs to {_cluster ?? "none"}";
        }

        return change.Generation <= change.BaseGeneration
            || change.Generation % ClusterLimits.DeltasMax != (ulong)place
            ? $"leads from generation {change.BaseGeneration} to {change.Generation}, which does not belong there"
            : null;
    }

    // First as far as the deltas lead, then by a whole document, then by deltas onto that.
    private void Advance()
    {
        ApplyPending();
        if (IsIndexAhead() && _pieces.Missing(Index!).Count == 0)
        {
            TakeWhole(Index!);
            ApplyPending();
        }

        if (!IsIndexAhead() && Index is not null)
        {
            _pieces.Drop(Index);
            _documentProblem = _pieces.IsSpoiled(Index) ? _documentProblem : null;
        }
        else if (Index is not null && _pieces.Mismatch(Index) is string name)
        {
            _documentProblem = $"the shard '{name}' is not the one that the index of generation {Index.Generation} "
                + "means: what is in force stays until they agree";
        }
    }

    private void TakeWhole(MeshIndex index)
    {
        bool isRead = ShardCodec.TryDecode(
            _pieces.Of(index), MeshDocument.Parser, out MeshDocument? document, out string? problem);
        if (isRead && (document!.Source != ClusterNames.SourceOf(index.Cluster)
            || document.Generation != index.Generation))
        {
            problem = $"are of '{PlainOf(document.Source)}', generation {document.Generation}, and not what "
                + "the index says";
        }
        else if (isRead && !MeshDocuments.IsCanonical(document!))
        {
            problem = "hold a document that is not in order";
        }

        // Tried once: what is in them won't change, and the next index names others.
        _pieces.Spoil(index, isSpoiled: problem is not null);
        if (problem is not null)
        {
            _documentProblem = $"the shards of generation {index.Generation} {problem}: what is in force stays";
            return;
        }

        SetDocument(document!, index.DocumentSha256);
        DeltasApplied = 0;
        _deltaProblem = null;
    }

    private void ApplyPending()
    {
        _pending.DropUpTo(Document?.Generation ?? 0);
        while (Document is not null && _pending.Take(Document.Generation) is { } change)
        {
            if (!MeshChanges.TryApply(Document, change, out MeshDocument? next, out string? problem))
            {
                _deltaProblem = $"the delta to generation {change.Generation} {problem}: the next whole document "
                    + "mends it, in at most five minutes";
                return;
            }

            SetDocument(next, Convert.ToHexStringLower(change.DocumentSha256.Span));
            DeltasApplied++;
            _deltaProblem = null;
            _pending.DropUpTo(next.Generation);
        }
    }

    private void SetDocument(MeshDocument document, string hash)
    {
        Document = document;
        _documentHash = hash;
        NewestSeen = Math.Max(NewestSeen, document.Generation);
    }

    private bool IsIndexAhead()
    {
        if (Index is null || _pieces.IsSpoiled(Index))
        {
            return false;
        }

        if (Document is null || Index.Generation != Document.Generation)
        {
            return Document is null || Index.Generation > Document.Generation;
        }

        _documentHash ??= Convert.ToHexStringLower(ShardCodec.HashOf(Document));
        return _documentHash != Index.DocumentSha256;
    }

    // Before the index has come, and while an older one is here, it may still turn out to be the controller's.
    private string? ForgeryProblem() => Document is not null && Index is not null && !IsIndexAhead()
        && _pending.HasUnproven(Document.Generation)
        ? $"the delta from generation {Document.Generation} was not written by the controller that wrote the index: it "
            + "is left out; see who created it, and remove it"
        : null;

    private string? GapProblem() => Document is not null && _pending.ProvenCount > 0 && !IsIndexAhead()
        ? $"generation {Document.Generation + 1} is missing, and {NewestSeen} is there: the next whole document mends "
            + "it, in at most five minutes"
        : null;

    private static string PlainOf(string text) => MeshDocuments.Printable(text);
}

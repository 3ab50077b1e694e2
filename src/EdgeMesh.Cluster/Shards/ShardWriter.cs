using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.Cluster.Shards;

/// <summary>
/// Decides what is written of each change: a delta, the whole document, or both. All it knows is in the cluster, so
/// that a writer that was killed between any two writes is followed by one that goes on. One caller at a time.
/// </summary>
/// <remarks>
/// <code>
///   small document     whole at each change:  shards of the other slot, then the index
///   larger document    a delta at each change; whole as well with the 256th since the last time, or five minutes
///                      after the first: readers that follow the deltas need nothing of it
/// </code>
/// A generation is one more than the last. The first one in a cluster is the time in seconds, so that it is above
/// those of an earlier life, which nodes still have in force.
/// </remarks>
public sealed class ShardWriter
{
    /// <summary>A whole document follows the first delta after at most so long.</summary>
    public static readonly TimeSpan WholeInterval = TimeSpan.FromMinutes(5);

    /// <summary>The index is written again after so long, so that nodes see that somebody is there.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromMinutes(5);

    // A node may report a generation that we don't know: from before a restore of the cluster's store. Generations
    // begin at the time in seconds and grow more slowly than it, so none is far above it but by a lie.
    private static readonly TimeSpan FloorAheadMax = TimeSpan.FromDays(1);

    private readonly string _cluster;
    private readonly string _source;
    private MeshIndex? _index;      // in the cluster
    private ulong _newest;          // greatest generation that the cluster names
    private ulong _claimed;         // greatest generation that deltas name whose index is lost
    private int _deltas;            // in the cluster since the index
    private TimeSpan? _firstDelta;  // when the first of them was written or found
    private TimeSpan? _indexWritten;
    private byte[]? _seed;          // of the chain that the index ends; null: another writer's
    private byte[] _plannedSeed = [];

    private ShardWriter(string cluster)
    {
        _cluster = cluster;
        _source = ClusterNames.SourceOf(cluster);
    }

    /// <summary>The document that readers have now; null: none can be read.</summary>
    public MeshDocument? Document { get; private set; }

    /// <summary>What was found broken in the cluster; the next write mends it.</summary>
    public IReadOnlyList<string> Problems { get; private set; } = [];

    /// <summary>Begins with what is in the cluster. Also to be done after each write that failed.</summary>
    /// <param name="cluster">Uid of the namespace kube-system.</param>
    /// <param name="objects">Everything labelled as <see cref="ClusterNames.MeshSelector"/> says.</param>
    /// <returns>The writer.</returns>
    public static ShardWriter Resume(string cluster, IEnumerable<ClusterObject> objects)
    {
        ArgumentNullException.ThrowIfNull(cluster);
        ArgumentNullException.ThrowIfNull(objects);
        var reader = new ShardReader(null, cluster);
        foreach (ClusterObject known in objects)
        {
            reader.Handle(known);
        }

        return new ShardWriter(cluster)
        {
            Document = reader.Document,
            Problems = reader.Problems,
            _index = reader.Index,
            _newest = reader.NewestSeen,
            _claimed = reader.NewestClaimed,
            _deltas = reader.DeltasApplied,
        };
    }

    /// <summary>Decides what to write.</summary>
    /// <param name="content">The mesh, canonical; its generation and source don't count. Not changed
    /// afterwards.</param>
    /// <param name="floor">Greatest generation that a node says it has in force; 0: none.</param>
    /// <param name="wall">The time of day.</param>
    /// <param name="uptime">A clock that never jumps.</param>
    /// <returns>Null: nothing. Else what has to be written, and then be told to <see cref="Confirm"/>.</returns>
    public ShardPlan? Plan(MeshDocument content, ulong floor, DateTimeOffset wall, TimeSpan uptime)
    {
        ArgumentNullException.ThrowIfNull(content);
        _firstDelta ??= _deltas > 0 ? uptime : null;
        _indexWritten ??= uptime;
        ulong lifted = new[] { floor, _claimed }.Where(claim => IsFloorSane(claim, wall)).Append(_newest).Max();
        bool isBroken = Document is null || _index is null || Problems.Count > 0
            || Document.Generation != _newest || lifted > _newest;
        if (!isBroken && HasSameContent(content, Document!))
        {
            bool isDue = _deltas >= ClusterLimits.DeltasMax || uptime - _firstDelta >= WholeInterval;
            return isDue ? Whole(Document!, [], wall)
                : uptime - _indexWritten >= HeartbeatInterval ? Heartbeat(wall)
                : null;
        }

        MeshDocument next = Stamp(content, lifted == 0 ? SecondsOf(wall) : lifted + 1);
        return isBroken ? Whole(next, [], wall) : Change(next, wall, uptime);
    }

    /// <summary>Everything of a plan has been written.</summary>
    /// <param name="plan">The plan, the last one given.</param>
    /// <param name="uptime">A clock that never jumps.</param>
    public void Confirm(ShardPlan plan, TimeSpan uptime)
    {
        ArgumentNullException.ThrowIfNull(plan);
        Document = plan.Document;
        _newest = plan.Document.Generation;
        if (plan.Index is not null)
        {
            bool isWhole = _index is null || plan.Index.Generation != _index.Generation
                || plan.Index.Slot != _index.Slot;
            bool hasDelta = plan.Document.Generation != plan.Index.Generation;
            _index = plan.Index;
            _indexWritten = uptime;
            if (isWhole)
            {
                _seed = _plannedSeed;
                _deltas = hasDelta ? 1 : 0;
                _firstDelta = hasDelta ? uptime : null;
                Problems = [];
            }
        }
        else
        {
            _deltas++;
            _firstDelta ??= uptime;
        }
    }

    /// <summary>The whole document, compressed and cut.</summary>
    internal static IReadOnlyList<byte[]> Cut(byte[] compressed)
    {
        var pieces = new List<byte[]>();
        for (int at = 0; at < compressed.Length; at += ClusterLimits.ShardBytesMax)
        {
            pieces.Add(compressed[at..Math.Min(at + ClusterLimits.ShardBytesMax, compressed.Length)]);
        }

        return pieces;
    }

    private ShardPlan Change(MeshDocument next, DateTimeOffset wall, TimeSpan uptime)
    {
        // Compressing the whole of a large document to find that it is large would cost more than the delta. Most of
        // its bytes are keys and addresses, which don't get much smaller.
        int size = next.CalculateSize();
        byte[]? compressed = size <= ClusterLimits.SmallDocumentBytesMax * 8 ? ShardCodec.Encode(next) : null;
        if (compressed is { Length: <= ClusterLimits.SmallDocumentBytesMax }
            || !Equals(Document!.Settings, next.Settings))
        {
            return Whole(next, [], wall, compressed);
        }

        MeshChange change = MeshChanges.Diff(_cluster, Document, next);
        change.DocumentSha256 = ByteString.CopyFrom(ShardCodec.HashOf(next));
        int delta = ShardCodec.Encode(change).Length;
        if (delta > ClusterLimits.ShardBytesMax / 2 || delta > size / 2)
        {
            return Whole(next, [], wall, compressed); // the mesh is another one
        }

        bool isDue = _deltas + 1 >= ClusterLimits.DeltasMax || uptime - _firstDelta >= WholeInterval;
        if (_seed is not null && next.Generation - _index!.Generation <= DeltaChain.LengthMax)
        {
            ClusterObject write = Seal(change, _seed, _index.Generation);
            return isDue ? Whole(next, [write], wall, compressed) : new ShardPlan(next, [write], null);
        }

        if (isDue)
        {
            return Whole(next, [], wall, compressed);
        }

        // After another writer: the document before once more, with a chain of our own. Who has it needs no shard.
        ShardPlan anchor = Whole(Document, [], wall);
        return new ShardPlan(
            next, [.. anchor.Writes, Seal(change, _plannedSeed, Document.Generation)], anchor.Index);
    }

    private static ClusterObject Seal(MeshChange change, byte[] seed, ulong indexGeneration)
    {
        change.Token = ByteString.CopyFrom(DeltaChain.TokenOf(seed, (int)(change.Generation - indexGeneration)));
        return ClusterObject.OfBytes(
            ClusterNames.DeltaOf(change.Generation), ClusterNames.LabelsOf(ClusterNames.MeshKind, isFeed: true),
            ShardCodec.Encode(change));
    }

    private ShardPlan Whole(
        MeshDocument document, IReadOnlyList<ClusterObject> before, DateTimeOffset wall, byte[]? compressed = null)
    {
        compressed ??= ShardCodec.Encode(document);
        bool isSmall = compressed.Length <= ClusterLimits.SmallDocumentBytesMax;
        IReadOnlyList<byte[]> pieces = Cut(compressed);
        char slot = _index?.Slot == 'a' ? 'b' : 'a';
        IReadOnlyDictionary<string, string> labels = ClusterNames.LabelsOf(ClusterNames.MeshKind, isFeed: isSmall);
        _plannedSeed = DeltaChain.NewSeed();
        var index = new MeshIndex(
            _cluster,
            document.Generation,
            slot,
            [
                .. pieces.Select((piece, i) =>
                    new MeshIndexShard(ClusterNames.ShardOf(slot, i), ShardCodec.HashOf(piece))),
            ],
            Convert.ToHexStringLower(ShardCodec.HashOf(document)),
            wall,
            Chain: DeltaChain.EndOf(_plannedSeed));
        return new ShardPlan(
            document,
            [
                .. before,
                .. pieces.Select((piece, i) => ClusterObject.OfBytes(ClusterNames.ShardOf(slot, i), labels, piece)),
                index.ToObject(),
            ],
            index);
    }

    private ShardPlan Heartbeat(DateTimeOffset wall)
    {
        MeshIndex index = _index! with { Written = wall };
        return new ShardPlan(Document!, [index.ToObject()], index);
    }

    // What has not changed is shared with the document before: it is large, and most of it stays.
    private MeshDocument Stamp(MeshDocument content, ulong generation)
    {
        var next = new MeshDocument { Generation = generation, Source = _source, Settings = content.Settings };
        next.CloudCidr.AddRange(content.CloudCidr);
        next.EdgeCidr.AddRange(content.EdgeCidr);
        next.Nodes.AddRange(content.Nodes);
        return next;
    }

    private static bool HasSameContent(MeshDocument one, MeshDocument other) =>
        one.CloudCidr.Equals(other.CloudCidr)
        && one.EdgeCidr.Equals(other.EdgeCidr)
        && Equals(one.Settings, other.Settings)
        && one.Nodes.Equals(other.Nodes);

    private static ulong SecondsOf(DateTimeOffset wall) => (ulong)Math.Max(1, wall.ToUnixTimeSeconds());

    private static bool IsFloorSane(ulong floor, DateTimeOffset wall) => floor <= SecondsOf(wall + FloorAheadMax);
}

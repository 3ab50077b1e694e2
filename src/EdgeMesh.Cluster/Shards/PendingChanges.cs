using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster.Messages;

namespace EdgeMesh.Cluster.Shards;

/// <summary>Changes that can't be applied yet, by the generation that they change.</summary>
/// <remarks>
/// Only proven ones are given out. Others are kept, because the index that proves them may come after them; they give
/// way first.
/// </remarks>
internal sealed class PendingChanges
{
    private readonly Dictionary<ulong, Entry> _byBase = [];
    private long _bytes;

    /// <summary>Changes that are proven to be the controller's.</summary>
    public int ProvenCount => _byBase.Values.Count(static entry => entry.IsProven);

    /// <summary>Greatest generation that a proven one leads to; 0: there is none.</summary>
    public ulong NewestProven => _byBase.Values.Where(static entry => entry.IsProven)
        .Select(static entry => entry.Change.Generation).DefaultIfEmpty().Max();

    /// <summary>Greatest generation that any of them claims; 0: there is none.</summary>
    public ulong NewestClaimed =>
        _byBase.Values.Select(static entry => entry.Change.Generation).DefaultIfEmpty().Max();

    /// <summary>Keeps a change; the oldest give way if there are too many.</summary>
    public void Add(MeshChange change, int bytes, bool isProven)
    {
        if (!isProven && _byBase.TryGetValue(change.BaseGeneration, out Entry known) && known.IsProven)
        {
            return;
        }

        Remove(change.BaseGeneration);
        _byBase[change.BaseGeneration] = new Entry(change, bytes, isProven);
        _bytes += bytes;
        while (_byBase.Count > ClusterLimits.DeltasMax || _bytes > ClusterLimits.DeltasPendingBytesMax)
        {
            Remove(_byBase.MinBy(static pair => (pair.Value.IsProven, pair.Key)).Key);
        }
    }

    /// <summary>Looks again which are the controller's: there is another index.</summary>
    public void Prove(Func<MeshChange, bool> isProven)
    {
        foreach ((ulong known, Entry entry) in _byBase.Where(static pair => !pair.Value.IsProven).ToList())
        {
            _byBase[known] = entry with { IsProven = isProven(entry.Change) };
        }
    }

    /// <summary>Takes out the proven change of a generation; null if there is none.</summary>
    public MeshChange? Take(ulong generation)
    {
        if (!_byBase.TryGetValue(generation, out Entry found) || !found.IsProven)
        {
            return null;
        }

        Remove(generation);
        return found.Change;
    }

    /// <summary>Is there a change of a generation that is not proven?</summary>
    public bool HasUnproven(ulong generation) =>
        _byBase.TryGetValue(generation, out Entry found) && !found.IsProven;

    /// <summary>Forgets what leads to a generation or to one before it.</summary>
    public void DropUpTo(ulong generation)
    {
        foreach (ulong known in _byBase.Where(pair => pair.Value.Change.Generation <= generation)
            .Select(static pair => pair.Key).ToList())
        {
            Remove(known);
        }
    }

    private void Remove(ulong generation)
    {
        if (_byBase.Remove(generation, out Entry gone))
        {
            _bytes -= gone.Bytes;
        }
    }

    private readonly record struct Entry(MeshChange Change, int Bytes, bool IsProven);
}

using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster.Messages;

namespace EdgeMesh.Cluster.Shards;

/// <summary>Changes that can't be applied yet, by the generation that they change.</summary>
internal sealed class PendingChanges
{
    private readonly Dictionary<ulong, (MeshChange Change, int Bytes)> _byBase = [];
    private long _bytes;

    public int Count => _byBase.Count;

    /// <summary>Keeps a change; the oldest give way if there are too many.</summary>
    public void Add(MeshChange change, int bytes)
    {
        Remove(change.BaseGeneration);
        _byBase[change.BaseGeneration] = (change, bytes);
        _bytes += bytes;
        while (_byBase.Count > ClusterLimits.DeltasMax || _bytes > ClusterLimits.DeltasPendingBytesMax)
        {
            Remove(_byBase.Keys.Min());
        }
    }

    /// <summary>Takes out the change of a generation; null if it isn't here.</summary>
    public MeshChange? Take(ulong generation)
    {
        MeshChange? change = _byBase.TryGetValue(generation, out (MeshChange Change, int Bytes) found)
            ? found.Change
            : null;
        Remove(generation);
        return change;
    }

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
        if (_byBase.Remove(generation, out (MeshChange Change, int Bytes) gone))
        {
            _bytes -= gone.Bytes;
        }
    }
}

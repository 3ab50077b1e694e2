using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Cluster.Shards;

/// <summary>Bytes of shards that wait for an index, or for the others that it names.</summary>
internal sealed class ShardPieces
{
    private const long BytesMax = ClusterLimits.DocumentBytesMax;

    private readonly Dictionary<string, (byte[] Bytes, string Sha256)> _byName = new(StringComparer.Ordinal);
    private string _spoiled = ""; // the pieces of this index were tried, and make no document

    /// <summary>Keeps a shard in place of what was known under its name.</summary>
    public void Add(string name, byte[] bytes)
    {
        _byName[name] = (bytes, ShardCodec.HashOf(bytes));
        while (_byName.Values.Sum(static piece => (long)piece.Bytes.Length) > BytesMax)
        {
            _byName.Remove(_byName.Keys.First(other => other != name));
        }
    }

    /// <summary>The shards of an index that are not here as it means them.</summary>
    public IReadOnlyList<MeshIndexShard> Missing(MeshIndex index) =>
        [.. index.Shards.Where(shard => !IsHere(shard))];

    /// <summary>A shard that is here, but not as the index means it; null if there is none.</summary>
    public string? Mismatch(MeshIndex index) =>
        index.Shards.FirstOrDefault(shard => _byName.ContainsKey(shard.Name) && !IsHere(shard))?.Name;

    /// <summary>The bytes of an index of which nothing is missing, in order.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> Of(MeshIndex index) =>
        index.Shards.Select(shard => (ReadOnlyMemory<byte>)_byName[shard.Name].Bytes);

    /// <summary>Remembers that the pieces of an index make no document.</summary>
    public void Spoil(MeshIndex index, bool isSpoiled) => _spoiled = isSpoiled ? KeyOf(index) : "";

    /// <summary>Do the pieces of this index make no document?</summary>
    public bool IsSpoiled(MeshIndex index) => _spoiled.Length > 0 && _spoiled == KeyOf(index);

    /// <summary>Forgets the shards of an index that nobody needs any more; others may be those of the next
    /// one.</summary>
    public void Drop(MeshIndex index)
    {
        foreach (MeshIndexShard shard in index.Shards.Where(IsHere))
        {
            _byName.Remove(shard.Name);
        }
    }

    private static string KeyOf(MeshIndex index) =>
        string.Join(' ', index.Shards.Select(static shard => shard.Sha256).Prepend($"{index.Generation}"));

    private bool IsHere(MeshIndexShard shard) =>
        _byName.TryGetValue(shard.Name, out (byte[] Bytes, string Sha256) piece) && piece.Sha256 == shard.Sha256;
}

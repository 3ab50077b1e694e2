using System;
using System.Collections.Generic;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.FuzzTargets;

/// <summary>Bytes of a shard whose hash the index has: whoever may write ConfigMaps may write both.</summary>
public static class ShardTarget
{
    private const string Cluster = "fuzz";

    /// <summary>Reads a shard as it is, and as the compressed form of the bytes.</summary>
    /// <param name="bytes">The shard, or a document.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        Read(bytes.ToArray());
        using var compressed = new System.IO.MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(
            compressed, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        Read(compressed.ToArray());
    }

    private static void Read(byte[] shard)
    {
        string name = ClusterNames.ShardOf('a', 0);
        var reader = new ShardReader(null);
        var index = new MeshIndex(
            Cluster, 7, 'a', [new MeshIndexShard(name, ShardCodec.HashOf(shard))], new string('0', 64),
            DateTimeOffset.UnixEpoch);
        reader.Handle(ClusterObject.OfBytes(name, new Dictionary<string, string>(), shard));
        reader.Handle(index.ToObject());
        MeshDocument? document = reader.Document;
        Invariant.Holds(document is null == (reader.Problems.Count > 0), "a shard is either taken or faulty");
        Invariant.Holds(
            document is null || (document.Generation == 7 && document.Source == ClusterNames.SourceOf(Cluster)),
            "a document is of the cluster and generation that the index says");
    }
}

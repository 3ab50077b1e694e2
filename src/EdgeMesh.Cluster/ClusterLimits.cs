using EdgeMesh.ControlChannel;

namespace EdgeMesh.Cluster;

/// <summary>Every limit of what is written to and read from the cluster's ConfigMaps.</summary>
public static class ClusterLimits
{
    /// <summary>
    /// Most bytes of one shard. A ConfigMap holds 1 MiB of keys and values (core/v1 validation); the rest is room for
    /// metadata, and for the base64 of a request that still fits the 1.5 MiB of etcd.
    /// </summary>
    public const int ShardBytesMax = 900 * 1024;

    /// <summary>Shards of one document: enough for a document of the largest size that doesn't compress at
    /// all.</summary>
    public const int ShardsMax = 40;

    /// <summary>A document of at most so many bytes, compressed, is written whole at each change.</summary>
    /// <remarks>
    /// Each node reads each write: at one change a second, the most there is, 4 KiB are 14 MiB an hour as bytes and
    /// 19 MiB as base64 (budget of an edge node: 20 MiB/h). A change alone is 200 to 400 bytes; the metadata around
    /// both is as much.
    /// </remarks>
    public const int SmallDocumentBytesMax = 4 * 1024;

    /// <summary>Changes between two whole documents, and ConfigMaps that hold them in turn.</summary>
    public const int DeltasMax = 256;

    /// <summary>Changes that wait for one before them, all together, bytes as compressed.</summary>
    public const int DeltasPendingBytesMax = 8 * 1024 * 1024;

    /// <summary>Most bytes of a document or a change that is not compressed any more.</summary>
    public const int DocumentBytesMax = ControlLimits.MessageBytesMax;

    /// <summary>Longest index, bytes: 40 shards with their hashes are 5 KiB.</summary>
    public const int IndexBytesMax = 64 * 1024;

    /// <summary>Longest publication of a node, bytes: 16 addresses and 16 problems of 512 bytes each.</summary>
    public const int PublicationBytesMax = 32 * 1024;

    /// <summary>Problems that a node publishes; more only bury the first.</summary>
    public const int ProblemsMax = 16;

    /// <summary>Longest problem in a publication, characters; the rest is cut off.</summary>
    public const int ProblemCharsMax = 512;

    /// <summary>Longest version, characters.</summary>
    public const int VersionCharsMax = 128;

    /// <summary>Longest trust record, bytes.</summary>
    public const int TrustRecordBytesMax = 1024;

    /// <summary>Longest cluster id: a uid is 36 characters (RFC 9562); some room for other ways to make one.</summary>
    public const int ClusterIdCharsMax = 64;

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte ShardsHoldTheLargestDocument =
        (long)ShardsMax * ShardBytesMax > DocumentBytesMax ? 0 : -1;
}

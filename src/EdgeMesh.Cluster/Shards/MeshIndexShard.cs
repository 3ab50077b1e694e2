namespace EdgeMesh.Cluster.Shards;

/// <summary>A shard that an index names.</summary>
/// <param name="Name">Name of its ConfigMap.</param>
/// <param name="Sha256">Of its bytes, 64 hexadecimal digits in lower case.</param>
public sealed record MeshIndexShard(string Name, string Sha256);

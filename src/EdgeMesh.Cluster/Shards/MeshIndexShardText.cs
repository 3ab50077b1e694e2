namespace EdgeMesh.Cluster.Shards;

/// <summary>A shard in an index as it is written.</summary>
internal sealed record MeshIndexShardText(string? Name, string? Sha256);

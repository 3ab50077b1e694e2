using System.Collections.Generic;

namespace EdgeMesh.Cluster.Shards;

/// <summary>The index as it is written; anything may be missing.</summary>
internal sealed record MeshIndexText(
    int? Schema,
    string? Cluster,
    ulong? Generation,
    string? Slot,
    IReadOnlyList<MeshIndexShardText?>? Shards,
    string? Document,
    string? Written,
    bool? Uninstalling,
    string? Chain);

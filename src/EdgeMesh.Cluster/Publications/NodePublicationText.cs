using System.Collections.Generic;

namespace EdgeMesh.Cluster.Publications;

/// <summary>A publication as it is written; anything may be missing.</summary>
internal sealed record NodePublicationText(
    int? Schema,
    string? Node,
    string? PeerId,
    IReadOnlyList<string?>? Addresses,
    string? Version,
    ulong? Generation,
    IReadOnlyList<string?>? Problems,
    string? Nonce);

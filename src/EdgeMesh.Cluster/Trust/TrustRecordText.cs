namespace EdgeMesh.Cluster.Trust;

/// <summary>A trust record as it is written; anything may be missing.</summary>
internal sealed record TrustRecordText(string? PeerId, string? Pending);

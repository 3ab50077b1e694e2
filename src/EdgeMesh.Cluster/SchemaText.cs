namespace EdgeMesh.Cluster;

/// <summary>The part of each text that says how the rest is to be read.</summary>
/// <param name="Schema">Its number; null if it is missing.</param>
internal sealed record SchemaText(int? Schema);

using System;
using EdgeMesh.Cluster.Publications;

namespace EdgeMesh.Cli;

/// <summary>The newest that a node has said of itself.</summary>
/// <param name="Publication">What it said.</param>
/// <param name="Written">When, by the API server's clock; null: not said.</param>
internal sealed record PublishedNode(NodePublication Publication, DateTimeOffset? Written);

using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Cluster.Shards;

/// <summary>What has to be written so that readers get a document.</summary>
/// <param name="Document">The document, with its generation and source.</param>
/// <param name="Writes">
/// Objects to create or replace, one after another and in this order: readers are well after each of them, and a
/// writer that begins after a part of them goes on correctly.
/// </param>
/// <param name="Index">The index, if it is among them.</param>
public sealed record ShardPlan(MeshDocument Document, IReadOnlyList<ClusterObject> Writes, MeshIndex? Index);

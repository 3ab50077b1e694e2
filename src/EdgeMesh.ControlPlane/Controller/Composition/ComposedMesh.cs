using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What the composer makes of all it knows.</summary>
/// <param name="Document">
/// The mesh, without generation and source; canonical, and never changed. Null: it can't be published (a finding says
/// why), so what is in force stays.
/// </param>
/// <param name="IsChanged">Does the document differ from the one composed before?</param>
/// <param name="Findings">All that is wrong now.</param>
/// <param name="Trust">What the cluster should keep of nodes' keys, where it differs from what it keeps.</param>
/// <param name="Superseded">Publications that nobody needs any more.</param>
/// <param name="Unproven">
/// Nodes whose absence would change something and is not proven: those of the document before, and those of which there
/// are publications.
/// </param>
internal sealed record ComposedMesh(
    MeshDocument? Document,
    bool IsChanged,
    IReadOnlyList<ControllerFinding> Findings,
    IReadOnlyDictionary<string, KeyRecord> Trust,
    IReadOnlyList<SeenPublication> Superseded,
    IReadOnlyList<string> Unproven);

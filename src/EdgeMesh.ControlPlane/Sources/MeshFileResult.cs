using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>What reading mesh.yaml gave: a document, or errors.</summary>
/// <param name="Document">The whole desired state, generation 0; null if anything is wrong.</param>
/// <param name="Errors">What is wrong, in the order of the file; empty if nothing is.</param>
public sealed record MeshFileResult(MeshDocument? Document, IReadOnlyList<MeshFileError> Errors);

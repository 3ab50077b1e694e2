using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>What reading mesh.yaml gave: a document with its places, or errors.</summary>
/// <param name="Reading">The whole file; null if anything in it can't be read.</param>
/// <param name="Errors">What can't be read, in the order of the file; empty if all can.</param>
internal sealed record MeshFileResult(MeshFileReading? Reading, IReadOnlyList<MeshFileError> Errors);

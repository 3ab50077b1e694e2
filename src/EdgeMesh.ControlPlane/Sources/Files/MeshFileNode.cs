using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>Where one entry of <c>nodes</c> and its parts stand.</summary>
/// <param name="start">Where the entry begins, and what is missing in it is told.</param>
internal sealed class MeshFileNode(FilePosition start)
{
    internal FilePosition Start { get; } = start;

    internal FilePosition Name { get; set; } = start;

    internal FilePosition PeerId { get; set; } = start;

    internal List<FilePosition> Addresses { get; } = [];

    internal List<FilePosition> Prefixes { get; } = [];
}

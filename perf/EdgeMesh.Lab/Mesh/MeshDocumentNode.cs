using System.Collections.Generic;

namespace EdgeMesh.Lab.Mesh;

/// <summary>A node's entry in a mesh file.</summary>
/// <param name="Name">The node's name.</param>
/// <param name="PeerId">Its peer id, text.</param>
/// <param name="Addresses">Its underlay multiaddrs.</param>
/// <param name="Prefixes">Its pods' prefixes.</param>
public sealed record MeshDocumentNode(
    string Name, string PeerId, IReadOnlyList<string> Addresses, IReadOnlyList<string> Prefixes);

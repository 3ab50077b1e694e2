using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What a node says of itself, in one ConfigMap that never changes.</summary>
/// <param name="ObjectName">The ConfigMap.</param>
/// <param name="Node">The node's name.</param>
/// <param name="PeerId">Its key.</param>
/// <param name="Addresses">Underlay multiaddrs at which others may dial it.</param>
/// <param name="Generation">Generation that it has in force; 0: none.</param>
/// <param name="Age">When the object was made.</param>
internal sealed record SeenPublication(
    string ObjectName, string Node, PeerId PeerId, IReadOnlyList<string> Addresses, ulong Generation,
    PublicationAge Age);

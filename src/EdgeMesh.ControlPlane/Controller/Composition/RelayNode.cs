using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>A node that others can reach from anywhere.</summary>
/// <param name="Node">The node's name.</param>
/// <param name="Addresses">Multiaddrs at which others dial it, the best first.</param>
internal sealed record RelayNode(string Node, IReadOnlyList<string> Addresses);

using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What was made of a node's keys.</summary>
/// <param name="Peer">The key that is trusted; null: none, so the node is not in the mesh.</param>
/// <param name="Publication">The newest one with that key; null: there is none.</param>
/// <param name="Wanted">What the cluster should keep of it; null: it is as kept, or there is nothing to keep.</param>
/// <param name="Findings">What is wrong.</param>
internal sealed record TrustVerdict(
    PeerId? Peer, SeenPublication? Publication, KeyRecord? Wanted, IReadOnlyList<ControllerFinding> Findings)
{
    /// <summary>Of a node that has said nothing.</summary>
    internal static TrustVerdict Nothing { get; } = new(null, null, null, []);
}

using EdgeMesh.Addresses;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What is known of a node's key; kept in the cluster.</summary>
/// <param name="Approved">The key that is trusted; null: none yet.</param>
/// <param name="Pending">The key that the node shows and that waits for the operator; null: none.</param>
internal sealed record KeyRecord(PeerId? Approved, PeerId? Pending);

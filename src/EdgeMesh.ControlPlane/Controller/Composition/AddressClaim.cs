namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>Pods of one node that have an address.</summary>
/// <param name="Node">The node.</param>
/// <param name="Live">Pods that are there.</param>
/// <param name="Ending">Pods that are being deleted.</param>
internal readonly record struct AddressClaim(ClusterNode Node, int Live, int Ending);

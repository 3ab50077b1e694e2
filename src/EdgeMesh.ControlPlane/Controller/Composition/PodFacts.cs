using System.Collections.Generic;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What the mesh needs of a pod: where it is and which addresses it has.</summary>
/// <param name="Node">Name of its node.</param>
/// <param name="Addresses">At most one of each family, as the API has it; never changed.</param>
/// <param name="IsEnding">
/// Is it being deleted? Its addresses may be another pod's by now: IPAM takes them back before the object goes.
/// </param>
internal sealed record PodFacts(string Node, IReadOnlyList<PodAddress> Addresses, bool IsEnding);

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What becomes of the first key that a node shows.</summary>
internal enum TrustMode
{
    /// <summary>It is trusted from then on.</summary>
    Pin,

    /// <summary>It waits for the operator.</summary>
    Approve,
}

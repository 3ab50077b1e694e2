namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What is wrong with a node. Each is an Event's reason, and a label in snake_case.</summary>
internal enum FindingReason
{
    /// <summary>The node publishes another key than the one that is trusted; that one stays.</summary>
    KeyChanged,

    /// <summary>The node's first key waits for the operator's word.</summary>
    KeyPending,

    /// <summary>Another node has the peer id.</summary>
    DuplicatePeerId,

    /// <summary>A pod of another node has an address of a pod here; neither node gets it.</summary>
    DuplicatePodAddress,

    /// <summary>A podCIDR overlaps another node's; neither counts.</summary>
    OverlappingPrefixes,

    /// <summary>What the node published of itself can't be used, or some of it.</summary>
    InvalidPublication,

    /// <summary>Pods have addresses that no entry of cloudCIDR or edgeCIDR covers.</summary>
    AddressOutsideCIDRs,

    /// <summary>The rules of the mesh refuse the node, or the whole document.</summary>
    MeshRefused,
}

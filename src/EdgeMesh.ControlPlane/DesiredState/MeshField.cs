namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>A field of the mesh document, by its meaning; each source has its own name and place for it.</summary>
internal enum MeshField
{
    /// <summary>The generation.</summary>
    Generation,

    /// <summary>An entry of cloudCIDR.</summary>
    CloudCidr,

    /// <summary>An entry of edgeCIDR.</summary>
    EdgeCidr,

    /// <summary>The nodes as a whole.</summary>
    Nodes,

    /// <summary>A node's name.</summary>
    NodeName,

    /// <summary>A node's peer id.</summary>
    NodePeerId,

    /// <summary>An underlay address of a node.</summary>
    NodeAddress,

    /// <summary>A prefix of a node.</summary>
    NodePrefix,
}

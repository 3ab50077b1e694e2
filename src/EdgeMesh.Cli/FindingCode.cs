namespace EdgeMesh.Cli;

/// <summary>
/// What <c>edgemesh doctor --cluster</c> may find. JSON has the names in snake_case; they don't change.
/// </summary>
internal enum FindingCode
{
    /// <summary>There is no mesh document.</summary>
    NoMesh,

    /// <summary>The mesh document can't be put together.</summary>
    MeshUnreadable,

    /// <summary>The index was not written for long: no controller does its work.</summary>
    MeshStale,

    /// <summary>EdgeMesh is being removed.</summary>
    Uninstalling,

    /// <summary>No controller holds the Lease.</summary>
    NoController,

    /// <summary>An object of the product can't be read.</summary>
    ObjectUnreadable,

    /// <summary>A node whose pods belong to the mesh has no agent.</summary>
    NoAgent,

    /// <summary>A node's agent does not run, or is not ready.</summary>
    AgentNotReady,

    /// <summary>A node has an agent, which has not said its key and addresses.</summary>
    NoPublication,

    /// <summary>A key waits for its first approval.</summary>
    KeyPending,

    /// <summary>A node shows another key than the one that is trusted.</summary>
    KeyChanged,

    /// <summary>Two nodes show one key.</summary>
    DuplicatePeerId,

    /// <summary>A node that has published a trusted key is not in the mesh document.</summary>
    NotInMesh,

    /// <summary>A node is behind the newest generation.</summary>
    GenerationLag,

    /// <summary>An agent has said that something is wrong.</summary>
    AgentProblem,

    /// <summary>Pods of two nodes have one address.</summary>
    DuplicateAddress,

    /// <summary>Two nodes' podCIDRs overlap.</summary>
    OverlappingPrefixes,

    /// <summary>Several nodes hand out addresses of one and the same range, each by itself.</summary>
    DuplicateRange,

    /// <summary>Pods have addresses in no entry of the CIDR lists.</summary>
    AddressOutside,
}

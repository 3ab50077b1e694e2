namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What happens to nodes and to what joins them.</summary>
public enum DisturbanceKind
{
    /// <summary>Nothing arrives from one node at another for a time, then all of it.</summary>
    Stall = 0,

    /// <summary>The way between two nodes becomes narrow for a time.</summary>
    Narrow,

    /// <summary>Nothing passes between two nodes for a time: half-open connections.</summary>
    Cut,

    /// <summary>A node is cut off from all others for a time.</summary>
    Partition,

    /// <summary>A node's process stands still for a time; its kernel answers.</summary>
    Freeze,

    /// <summary>A node's process is killed, and starts again after a time.</summary>
    Restart,

    /// <summary>A node's machine loses power, and boots after a time.</summary>
    PowerLoss,

    /// <summary>A node's machine refuses dials for a time.</summary>
    RefuseDials,

    /// <summary>A node's device refuses some of the packets for a time.</summary>
    RefusePackets,

    /// <summary>A node's processor is slow for a time.</summary>
    SlowProcessor,

    /// <summary>A node's process is told to end, does so in good order, and starts again after a time.</summary>
    Stop,

    /// <summary>A node's mesh document does not have another one for a time.</summary>
    Removal,

    /// <summary>All mesh documents have another address for a node for a time, and nobody is there.</summary>
    Move,

    /// <summary>A node's operator wants a new connection to another one, and again after a time.</summary>
    Reconnect,
}

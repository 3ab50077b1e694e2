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
}

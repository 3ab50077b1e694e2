using System.Threading;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>What the reception knows of one peer: which connections are in use, and when to dial next.</summary>
internal sealed class PeerLink(PeerInfo info, LaneSet lanes, LoopTimer retry, LoopTimer laneRetry)
{
    /// <summary>The peer, as the newest mesh document names it.</summary>
    public PeerInfo Info { get; set; } = info;

    /// <summary>Where the link stands.</summary>
    public LinkState State { get; set; } = LinkState.NoAddress;

    /// <summary>Its connections.</summary>
    public LaneSet Lanes { get; } = lanes;

    /// <summary>Fires when the next dial of lane 0 is due.</summary>
    public LoopTimer Retry { get; } = retry;

    /// <summary>Dials that failed since a lane 0 last stayed.</summary>
    public int Failures { get; set; }

    /// <summary>Ends the dial of lane 0 that is under way; null if none is.</summary>
    public CancellationTokenSource? Dial { get; set; }

    /// <summary>Fires when the next dial of a further lane is due.</summary>
    public LoopTimer LaneRetry { get; } = laneRetry;

    /// <summary>Dials of further lanes that failed since one last stayed.</summary>
    public int LaneFailures { get; set; }

    /// <summary>Ends the dial of a further lane that is under way; null if none is.</summary>
    public CancellationTokenSource? LaneDial { get; set; }

    /// <summary>Why the last dial failed or the last connection ended; empty if nothing did.</summary>
    public string LastError { get; set; } = "";
}

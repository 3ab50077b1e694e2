using System.Threading;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Io;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>What the reception knows of one peer: whether a connection is in use, and when to dial next.</summary>
internal sealed class PeerLink(PeerInfo info, LoopTimer retry)
{
    /// <summary>The peer, as the newest mesh document names it.</summary>
    public PeerInfo Info { get; set; } = info;

    /// <summary>Where the link stands.</summary>
    public LinkState State { get; set; } = LinkState.NoAddress;

    /// <summary>Fires when the next dial is due.</summary>
    public LoopTimer Retry { get; } = retry;

    /// <summary>Dials that failed since a connection last stayed.</summary>
    public int Failures { get; set; }

    /// <summary>Ends the dial that is under way; null if none is.</summary>
    public CancellationTokenSource? Dial { get; set; }

    /// <summary>The connection in use; null if none is.</summary>
    public LaneTicket? Lane { get; set; }

    /// <summary>When <see cref="Lane"/> was taken into use.</summary>
    public Instant ConnectedAt { get; set; }

    /// <summary>Why the last dial failed or the last connection ended; empty if nothing did.</summary>
    public string LastError { get; set; } = "";
}

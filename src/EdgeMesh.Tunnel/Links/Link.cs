using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>The effort to reach one peer: its paths, the dials under way, and when to dial next.</summary>
/// <param name="info">The peer.</param>
/// <param name="paths">Its paths.</param>
/// <param name="retry">Fires when the next dial of lane 0 is due.</param>
/// <param name="laneRetry">Fires when the next dial of a further lane is due.</param>
/// <param name="pathTimer">Fires when the path set wants to be called.</param>
internal sealed class Link(PeerInfo info, PathSet paths, LoopTimer retry, LoopTimer laneRetry, LoopTimer pathTimer)
{
    /// <summary>The peer, as the newest mesh document names it.</summary>
    public PeerInfo Info { get; set; } = info;

    /// <summary>Its paths.</summary>
    public PathSet Paths { get; } = paths;

    /// <summary>Fires when the next dial of lane 0 is due.</summary>
    public LoopTimer Retry { get; } = retry;

    /// <summary>Fires when the next dial of a further lane is due.</summary>
    public LoopTimer LaneRetry { get; } = laneRetry;

    /// <summary>Fires when the path set wants to be called.</summary>
    public LoopTimer PathTimer { get; } = pathTimer;

    /// <summary>Dials that failed since a lane 0 last stayed.</summary>
    public int Failures { get; set; }

    /// <summary>Dials of further lanes that failed since one last stayed.</summary>
    public int LaneFailures { get; set; }

    /// <summary>Ends the dial of lane 0 that is under way; null if none is.</summary>
    public CancellationTokenSource? Dial { get; set; }

    /// <summary>Ends the dial of a further lane that is under way; null if none is.</summary>
    public CancellationTokenSource? LaneDial { get; set; }

    /// <summary>Who waits for the new connection that the operator asked for; null if nobody does.</summary>
    public TaskCompletionSource<string>? Reconnecting { get; set; }

    /// <summary>Number of the path that the operator's wish brought; 0 before.</summary>
    public long ReconnectPath { get; set; }

    /// <summary>Why the last dial failed or the last connection ended; empty if nothing did.</summary>
    public string LastError { get; set; } = "";

    /// <summary>How the last connection ended; null if none did.</summary>
    public PathEnding? LastEnding { get; set; }

    /// <summary>Since when packets can pass; Never: they can't.</summary>
    public Instant ConnectedSince { get; set; } = Instant.Never;

    /// <summary>Where the link stands.</summary>
    public LinkState State
    {
        get
        {
            if (Paths.Paths.Any(path => path is { State: PathState.Ready, IsStalled: false }))
            {
                return LinkState.Connected;
            }

            if (Paths.Paths.Any(path => path.State == PathState.Ready))
            {
                return LinkState.Stalled;
            }

            if (Paths.Paths.Any(path => path.State == PathState.Candidate))
            {
                return LinkState.Warming;
            }

            return Dial is not null ? LinkState.Connecting
                : Info.Addresses.Count > 0 ? LinkState.Backoff : LinkState.NoAddress;
        }
    }

    /// <summary>Whether the peer left the mesh: nothing is begun any more.</summary>
    public bool IsRemoved { get; private set; }

    /// <summary>The peer left the mesh.</summary>
    public void Remove()
    {
        IsRemoved = true;
        Retry.Cancel();
        LaneRetry.Cancel();
        PathTimer.Cancel();
        Dial?.Cancel();
        LaneDial?.Cancel();
        FailReconnect("the peer left the mesh document");
    }

    /// <summary>There will be no new connection; tells whoever waits for it why.</summary>
    public void FailReconnect(string why)
    {
        TaskCompletionSource<string>? answer = Reconnecting;
        Reconnecting = null;
        answer?.TrySetException(new DialException(new InvalidOperationException(why)));
    }
}

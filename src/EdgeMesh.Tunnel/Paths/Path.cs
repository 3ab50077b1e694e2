using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>One way to a peer, as its <see cref="PathSet"/> sees it.</summary>
/// <param name="info">Which connection it is.</param>
/// <param name="laneIndex">Which lane; <see cref="PathSet.LaneUnknown"/> until an accepted one's Hello says.</param>
/// <param name="since">When it was taken in.</param>
internal sealed class Path(PathInfo info, int laneIndex, Instant since)
{
    /// <summary>The connection.</summary>
    public PathInfo Info { get; } = info;

    /// <summary>
    /// Which of the lanes it is; <see cref="PathSet.LaneUnknown"/> until an accepted one's Hello says.
    /// </summary>
    public int LaneIndex { get; internal set; } = laneIndex;

    /// <summary>When it was taken in.</summary>
    public Instant Since { get; } = since;

    /// <summary>Where it stands.</summary>
    public PathState State { get; internal set; }

    /// <summary>Whether the peer's Hello is here.</summary>
    public bool HasHello { get; internal set; }

    /// <summary>Whether its last probe waits for an answer longer than it should.</summary>
    public bool IsStalled { get; internal set; }

    /// <summary>Round trip of the last probe; zero before the first answer.</summary>
    public TimeSpan RoundTrip { get; internal set; }

    /// <summary>Which life of the peer it belongs to (<see cref="Forwarding.Capsules.Hello.Instance"/>).</summary>
    internal ulong Instance { get; set; }

    /// <summary>Counts the dials of the end that dialed it: tells both ends which of two is the later one.</summary>
    internal long Sequence { get; set; } = info.Number;

    /// <summary>When it became ready.</summary>
    internal Instant ReadyAt { get; set; } = Instant.Never;

    /// <summary>When it last carried a probe there and back.</summary>
    internal Instant CarriedAt { get; set; } = new(long.MinValue);

    /// <summary>Until when it has to carry a probe, as it is to take another one's place; Never: it need not.</summary>
    internal Instant ProofDue { get; set; } = Instant.Never;
}

using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>What all lanes of one worker share.</summary>
/// <param name="Loop">The worker's.</param>
/// <param name="Pool">The worker's.</param>
/// <param name="Ledger">The worker's.</param>
/// <param name="Receiver">Where received packets go.</param>
/// <param name="Batch">Where small packets are gathered; empty between two calls.</param>
/// <param name="SendList">Where a peer is put when its lane takes more.</param>
/// <param name="Reports">Who is told what happens to paths.</param>
/// <param name="Hello">What this node says first; lane and sequence are still to be set.</param>
internal sealed record LaneParts(
    Loop Loop,
    PacketPool Pool,
    PacketLedger Ledger,
    LaneReceiver Receiver,
    CapsuleBatch Batch,
    SendList SendList,
    PathReports Reports,
    Hello Hello)
{
    /// <summary>Called when a lane begins to take packets, or takes none any more.</summary>
    public required Action<Lane> UseChanged { get; init; }
}

using System;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>A link as status shows it.</summary>
/// <param name="Peer">The far node.</param>
/// <param name="State">Where the link stands.</param>
/// <param name="Lane">The connection that stands for all; null if there is none.</param>
/// <param name="LaneCount">Connections over which packets may go.</param>
/// <param name="LastError">Why the last dial failed or the last connection ended; empty if nothing did.</param>
/// <param name="Connected">Age of the oldest connection; zero if there is none.</param>
internal sealed record LinkReport(
    PeerInfo Peer, LinkState State, LaneTicket? Lane, int LaneCount, string LastError, TimeSpan Connected);

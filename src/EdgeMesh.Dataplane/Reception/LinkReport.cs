using System;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>A link as status shows it.</summary>
internal sealed record LinkReport(
    PeerInfo Peer, LinkState State, LaneTicket? Lane, string LastError, TimeSpan Connected);

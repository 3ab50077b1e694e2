using System;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding.Capsules;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>What a worker tells the reception of its lanes; called on the worker's thread.</summary>
/// <param name="Ready">The peer's Hello is here.</param>
/// <param name="Ended">The lane is gone; why, for counters and for people.</param>
internal sealed record LaneEvents(
    Action<LaneTicket, Hello> Ready, Action<LaneTicket, ConnectionEvent, string> Ended);

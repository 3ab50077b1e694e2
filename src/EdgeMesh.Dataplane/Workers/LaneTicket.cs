using System.Net;
using EdgeMesh.Dataplane.Mesh;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>
/// The name of an established connection between the reception, which made it, and the worker that has it.
/// </summary>
/// <param name="Number">Unique in this process.</param>
/// <param name="Peer">The far node.</param>
/// <param name="Worker">Index of the worker that has the connection for its whole life.</param>
/// <param name="WeDialed">Whether this end dialed.</param>
/// <param name="EndPoint">The far underlay endpoint.</param>
internal sealed record LaneTicket(long Number, PeerInfo Peer, int Worker, bool WeDialed, IPEndPoint EndPoint);

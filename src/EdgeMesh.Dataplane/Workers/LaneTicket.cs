using System.Net;
using EdgeMesh.Dataplane.Mesh;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>
/// The name of an established connection between the reception, which made it, and the worker that has it.
/// </summary>
/// <param name="Number">Unique in this process; a later connection has a larger one.</param>
/// <param name="Peer">The far node.</param>
/// <param name="Worker">Index of the worker that has the connection for its whole life.</param>
/// <param name="Index">Which of the peer's lanes it is to be, if we dialed; else 0, and the peer's Hello says.</param>
/// <param name="WeDialed">Whether this end dialed.</param>
/// <param name="EndPoint">The far underlay endpoint.</param>
internal sealed record LaneTicket(
    long Number, PeerInfo Peer, int Worker, int Index, bool WeDialed, IPEndPoint EndPoint);

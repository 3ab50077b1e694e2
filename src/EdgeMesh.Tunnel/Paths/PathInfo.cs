using EdgeMesh.Addresses;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>What names a path and never changes: the links made it, one worker has its connection.</summary>
/// <param name="Number">Unique in this process; a later connection has a larger one.</param>
/// <param name="Peer">The far node.</param>
/// <param name="Worker">Index of the worker that has the connection for its whole life.</param>
/// <param name="LaneIndex">Which of the peer's lanes it is to be, if we dialed; else 0, and the peer's Hello says.
/// </param>
/// <param name="WeDialed">Whether this end dialed.</param>
/// <param name="Kind">Direct or through a relay.</param>
/// <param name="RemoteAddress">Where it leads in the underlay.</param>
public sealed record PathInfo(
    long Number, PeerInfo Peer, int Worker, int LaneIndex, bool WeDialed, PathKind Kind, Multiaddr RemoteAddress);

using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>Tells libp2p when the far end of a connection was last heard.</summary>
internal sealed class UnderlayLiveness(UnderlayConnection connection) : TransportLiveness
{
    public override long HeardAt => connection.HeardAt.Nanoseconds;
}

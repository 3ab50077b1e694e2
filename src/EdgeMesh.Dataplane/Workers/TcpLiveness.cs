using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>What a TCP connection hears of its far end.</summary>
internal sealed class TcpLiveness(TcpConnection tcp) : TransportLiveness
{
    /// <inheritdoc/>
    public override long HeardAt => tcp.HeardAt.Nanoseconds;
}

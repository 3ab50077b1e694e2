using System.Net;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p.Security;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>A TCP connection whose far end has proven who it is.</summary>
/// <param name="Connection">Idle: no read or write is under way.</param>
/// <param name="Secured">Keys and peer id.</param>
internal sealed record Established(TcpConnection Connection, SecuredConnection Secured)
{
    /// <summary>The far underlay endpoint.</summary>
    public IPEndPoint EndPoint => Connection.RemoteEndPoint;

    /// <summary>Closes the socket and forgets the keys.</summary>
    public void Abandon()
    {
        Secured.Dispose();
        Connection.Abort();
        Connection.Dispose();
    }
}

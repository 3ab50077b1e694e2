using EdgeMesh.Libp2p.Security;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>A connection whose far end has proven who it is.</summary>
/// <param name="Connection">Idle: no read or write is under way.</param>
/// <param name="Secured">Keys and peer id.</param>
internal sealed record Established(UnderlayConnection Connection, SecuredConnection Secured)
{
    /// <summary>Closes the connection and forgets the keys.</summary>
    public void Abandon()
    {
        Secured.Dispose();
        Connection.Abort();
        Connection.Dispose();
    }
}

using EdgeMesh.Libp2p.Identify;
using EdgeMesh.Libp2p.Ping;

namespace EdgeMesh.Libp2p;

/// <summary>What a host serves on one connection.</summary>
internal sealed class HostedConnection
{
    public IdentifyResponder Identify { get; } = new();

    public PingResponder Ping { get; } = new();
}

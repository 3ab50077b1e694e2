using System;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.UnitTests.Kubernetes.StandIns;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>An API server on the loopback: what a controller needs of one, and its failures.</summary>
public sealed class ApiServerStandIn : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    /// <summary>Listens at once.</summary>
    /// <param name="certificate">For HTTPS; null: HTTP.</param>
    public ApiServerStandIn(X509Certificate2? certificate = null) =>
        _server = new LoopbackServer(Api.Handle, certificate);

    /// <summary>Its objects, and what may go wrong.</summary>
    public StandInApi Api { get; } = new(TimeProvider.System);

    /// <summary>The way to it.</summary>
    public KubeAccess Access => new() { Server = _server.Address, Kind = KubeAccessKind.InCluster };

    /// <summary>Breaks all connections, as a new start of the server would.</summary>
    public void CutConnections() => _server.CutConnections();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

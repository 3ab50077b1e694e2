using System;
using System.Security.Cryptography.X509Certificates;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.UnitTests.Kubernetes.StandIns;

namespace EdgeMesh.SystemTests.Kubernetes;

/// <summary>
/// KubeEdge's metaServer on the loopback, with all that misleads a client of an API server. What it does and where that
/// is from: <see cref="StandInMetaServer"/>.
/// </summary>
public sealed class MetaServerStandIn : IAsyncDisposable
{
    private readonly LoopbackServer _server;

    /// <summary>Listens at once; the link to the cloud works.</summary>
    /// <param name="certificate">For HTTPS, as with the feature gate requireAuthorization; null: HTTP.</param>
    public MetaServerStandIn(X509Certificate2? certificate = null)
    {
        MetaServer = new StandInMetaServer(Cloud);
        _server = new LoopbackServer(MetaServer.Handle, certificate);
    }

    /// <summary>The API server in the cloud, which the node sees through the link only.</summary>
    public StandInApi Cloud { get; } = new(TimeProvider.System);

    /// <summary>The link, the cache, the traps.</summary>
    public StandInMetaServer MetaServer { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address => _server.Address;

    /// <summary>The way to it.</summary>
    public KubeAccess Access => KubeAccess.MetaServer(_server.Address);

    /// <summary>Makes or replaces an object in the cloud.</summary>
    public void Put<T>(KubeResource<T> resource, T item)
        where T : KubeObject => Cloud.Put(resource, item);

    /// <summary>Deletes an object in the cloud.</summary>
    public void Delete<T>(KubeResource<T> resource, string? ns, string name)
        where T : KubeObject => Cloud.Delete(resource, ns, name);

    /// <summary>Breaks all connections, as a new start of edgecore would.</summary>
    public void CutConnections() => _server.CutConnections();

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _server.DisposeAsync();
}

using System;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.UnitTests.Kubernetes.StandIns;

namespace EdgeMesh.UnitTests.Kubernetes;

/// <summary>A client of an API server, without a socket and with time that stands still.</summary>
internal sealed class Bench : IDisposable
{
    internal Bench(KubeAccess? access = null, KubeClientOptions? options = null)
    {
        Api = new StandInApi(Time);
        MetaServer = new StandInMetaServer(Api);
        access ??= ApiAccess;
        Handler = new StandInHandler(access.IsMetaServer ? MetaServer.Handle : Api.Handle, Time);
        Client = new KubeClient(access, (options ?? new KubeClientOptions()) with { Time = Time }, Handler);
    }

    internal static KubeAccess ApiAccess { get; } =
        new() { Server = new Uri("https://10.0.0.1:6443"), Kind = KubeAccessKind.InCluster };

    internal static KubeAccess MetaServerAccess { get; } = KubeAccess.MetaServer();

    internal ManualTime Time { get; } = new();

    internal StandInApi Api { get; }

    internal StandInMetaServer MetaServer { get; }

    internal StandInHandler Handler { get; }

    internal KubeClient Client { get; }

    internal static KubeConfigMap Map(string name, string value = "v") => new()
    {
        Metadata = { Name = name, Namespace = "edge", Labels = new() { ["app"] = "mesh" } },
        Data = new() { ["key"] = value },
    };

    internal void Put(string name, string value = "v") => Api.Put(KubeResources.ConfigMaps, Map(name, value));

    internal void Delete(string name) => Api.Delete(KubeResources.ConfigMaps, "edge", name);

    public void Dispose() => Client.Dispose();
}

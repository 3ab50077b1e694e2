using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Election;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.SystemTests.Fixtures;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.ControlPlane;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.SystemTests.Controllers;

/// <summary>A stand-in of an API server, and controllers of it. Time is the system's.</summary>
internal sealed class ControllerBench : IAsyncDisposable
{
    internal const string Namespace = "kubeedge";
    internal static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly LeaderElectionOptions Times = new()
    {
        LeaseDuration = TimeSpan.FromSeconds(3),
        RenewDeadline = TimeSpan.FromSeconds(2),
        RetryPeriod = TimeSpan.FromMilliseconds(200),
        RequestTimeLimit = TimeSpan.FromSeconds(1),
    };

    private static readonly KubeAccess Access =
        new() { Server = new Uri("https://10.0.0.1:6443"), Kind = KubeAccessKind.InCluster };

    private readonly TemporaryDirectory _directory = new();
    private readonly List<(CancellationTokenSource Stop, Task<int> Run, KubeClient Client)> _controllers = [];
    private int _nonce;

    internal ControllerBench()
    {
        WriteSettings("cloudCIDR: [10.244.0.0/16]");
        Api.Put(KubeResources.Namespaces, new KubeNamespace { Metadata = { Name = "kube-system" } });
    }

    internal StandInApi Api { get; } = new(TimeProvider.System);

    internal LogLines Log { get; } = new();

    private string SettingsPath => _directory.File("edgemesh-agent.yaml");

    internal void WriteSettings(string rest) => File.WriteAllText(
        SettingsPath, $"apiVersion: edgemesh.io/v1alpha1\nkind: MeshSettings\n{rest}\n");

    /// <summary>Starts one.</summary>
    /// <returns>Ends it, as SIGTERM would.</returns>
    internal Func<Task> Start(string name)
    {
        var stop = new CancellationTokenSource();
        var client = new KubeClient(
            Access, new KubeClientOptions(), new StandInHandler(Api.Handle, TimeProvider.System));
        var options = new ControllerOptions(SettingsPath, Namespace, name, Kubeconfig: null, Health: null);
        Task<int> run = Task.Run(() => ControllerProcess.RunAsync(options, client, Log.Log, stop.Token, Times));
        _controllers.Add((stop, run, client));
        return async () =>
        {
            await stop.CancelAsync();
            Assert.Equal(0, await run);
        };
    }

    internal void PutNode(string name, params string[] podCidrs) => Api.Put(KubeResources.Nodes, new KubeNode
    {
        Metadata = { Name = name },
        Spec = new KubeNodeSpec { PodCidrs = [.. podCidrs] },
    });

    internal void PutPod(string name, string node, string address, bool isHost = false) =>
        Api.Put(KubeResources.Pods, new KubePod
        {
            Metadata = { Name = name, Namespace = "default" },
            Spec = new KubePodSpec { NodeName = node, HostNetwork = isHost },
            Status = new KubePodStatus
            {
                Phase = "Running", PodIp = address, PodIps = [new KubePodIp { Ip = address }],
            },
        });

    /// <summary>What a node says of itself.</summary>
    /// <returns>The object's name.</returns>
    internal string Publish(string node, KeyPair key, params string[] addresses)
    {
        ClusterObject made = new NodePublication(
            node, key.PeerId.ToString(), addresses, "0.1.0", 0, [],
            (++_nonce).ToString(CultureInfo.InvariantCulture)).ToObject();
        KubeConfigMap map = ClusterObjects.ToMap(made, Namespace, version: null);
        map.Metadata.CreationTimestamp = KubeTimestamp.FormatSeconds(DateTimeOffset.UnixEpoch.AddSeconds(_nonce));
        Api.Put(KubeResources.ConfigMaps, map);
        return made.Name;
    }

    /// <summary>The operator's word.</summary>
    internal void Approve(string node, KeyPair key)
    {
        KubeConfigMap map = Api.Find(KubeResources.ConfigMaps, Namespace, ClusterNames.TrustOf(node))!;
        map.Data![node] = new TrustRecord(key.PeerId.ToString(), null).ToText();
        Api.Put(KubeResources.ConfigMaps, map);
    }

    /// <summary>The mesh as a node reads it.</summary>
    internal MeshDocument? Read()
    {
        var reader = new ShardReader(null);
        foreach (KubeConfigMap map in Api.All(KubeResources.ConfigMaps)
            .Where(static map => map.Metadata.LabelOf(ClusterNames.KindLabel) == ClusterNames.MeshKind))
        {
            reader.Handle(ClusterObjects.Of(map));
        }

        return reader.Document;
    }

    /// <summary>The mesh in words: <c>a 10.0.0.0/24; b</c>.</summary>
    internal string Mesh() => Read() is not { } mesh
        ? "none"
        : string.Join("; ", mesh.Nodes.Select(static node =>
            string.Join(' ', [node.Name, .. node.Prefixes.Select(IpPrefixes.Format)])));

    internal async Task UntilAsync(Func<bool> holds, string what)
    {
        if (!await Eventually.IsTrueAsync(() => Task.FromResult(holds()), Patience))
        {
            Assert.Fail($"{what}: never. The mesh is: {Mesh()}\n{Log.Text}");
        }
    }

    internal Task UntilMeshAsync(string mesh) => UntilAsync(() => Mesh() == mesh, mesh);

    public async ValueTask DisposeAsync()
    {
        foreach ((CancellationTokenSource stop, Task<int> run, KubeClient client) in _controllers)
        {
            await stop.CancelAsync();
            await run;
            client.Dispose();
            stop.Dispose();
        }

        _directory.Dispose();
    }
}

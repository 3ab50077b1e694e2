using System;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.ControlPlane.Uninstall;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.SystemTests.Controllers;

public sealed class UninstallTests : IAsyncDisposable
{
    private const string Agents = "edgemesh-agent";
    private const string Cleanup = "edgemesh-agent-cleanup";

    private readonly ControllerBench _bench = new();
    private readonly KeyPair _key = KeyPair.Generate();

    public UninstallTests() => _bench.Api.Put(KubeResources.DaemonSets, new KubeDaemonSet
    {
        Metadata = { Name = Agents, Namespace = ControllerBench.Namespace, Uid = "agents" },
        Spec = new KubeDaemonSetSpec
        {
            Template = (JsonObject)JsonNode.Parse(
                """
                {"spec":{"hostNetwork":true,"tolerations":[{"operator":"Exists"}],"initContainers":[{"name":"prepare"}],
                "containers":[{"name":"dataplane","image":"x"},{"name":"control","image":"edgemesh:1","args":
                ["run","--tun=edge_tun7"],"securityContext":{"readOnlyRootFilesystem":true}}]}}
                """)!,
        },
    });

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _key.Dispose();
    }

    [Fact]
    public async Task Agents_go_nodes_are_cleaned_and_what_was_written_is_removed_for_good()
    {
        _bench.PutNode("a", "10.244.1.0/24");
        _bench.Publish("a", _key);
        _bench.Start("one");
        await _bench.UntilMeshAsync("a 10.244.1.0/24");

        Task<bool> run = RunAsync(TimeSpan.FromSeconds(30));
        await _bench.UntilAsync(() => Find(Cleanup) is not null, "the DaemonSet that cleans up");
        Assert.Null(Find(Agents));
        KubeDaemonSet made = Find(Cleanup)!;
        JsonObject pod = made.Spec!.Template!["spec"]!.AsObject();
        Assert.Equal("Exists", pod["tolerations"]![0]!["operator"]!.GetValue<string>());
        Assert.False(pod.ContainsKey("initContainers"));
        JsonNode container = Assert.Single(pod["containers"]!.AsArray())!;
        Assert.Equal("edgemesh:1", container["image"]!.GetValue<string>());
        Assert.Equal(
            ["cleanup", "--then-wait", "--health=127.0.0.1:9467", "--tun=edge_tun7"],
            container["args"]!.AsArray().Select(static word => word!.GetValue<string>()));

        SetReady(made, 1, 1);
        Assert.True(await run);
        Assert.Null(Find(Cleanup));
        Assert.Empty(Maps());
        _bench.PutPod("late", "a", "10.244.7.7");
        await _bench.UntilAsync(
            () => _bench.Log.Text.Contains("mesh_uninstalling", StringComparison.Ordinal), "the controller rests");
        Assert.Empty(Maps());
    }

    [Fact]
    public async Task Node_that_does_not_answer_is_named_and_stops_nothing()
    {
        Task<bool> run = RunAsync(TimeSpan.FromSeconds(3));
        await _bench.UntilAsync(() => Find(Cleanup) is not null, "the DaemonSet that cleans up");
        _bench.Api.Put(KubeResources.Pods, new KubePod
        {
            Metadata =
            {
                Name = "x",
                Namespace = ControllerBench.Namespace,
                Labels = new() { [CleanupDaemonSet.Label] = Cleanup },
            },
            Spec = new KubePodSpec { NodeName = "edge-off" },
            Status = new KubePodStatus { Phase = "Pending" },
        });
        SetReady(Find(Cleanup)!, 2, 1);
        Assert.True(await run);
        Assert.Contains("uninstall_node_silent node=edge-off", _bench.Log.Text, StringComparison.Ordinal);
        Assert.Null(Find(Cleanup));
    }

    [Fact]
    public async Task Agents_that_are_gone_already_are_no_success_in_silence()
    {
        _bench.Api.Delete(KubeResources.DaemonSets, ControllerBench.Namespace, Agents);
        Assert.True(await RunAsync(TimeSpan.FromSeconds(3)));
        Assert.Contains("uninstall_nodes_not_cleaned", _bench.Log.Text, StringComparison.Ordinal);
    }

    private KubeDaemonSet? Find(string name) =>
        _bench.Api.Find(KubeResources.DaemonSets, ControllerBench.Namespace, name);

    private string[] Maps() =>
    [
        .. _bench.Api.All(KubeResources.ConfigMaps)
            .Where(static map => map.Metadata.LabelOf(ClusterNames.PartOfLabel) is not null)
            .Select(static map => map.Metadata.Name),
    ];

    private void SetReady(KubeDaemonSet made, int nodes, int ready)
    {
        made.Status = new KubeDaemonSetStatus { DesiredNumberScheduled = nodes, NumberReady = ready };
        _bench.Api.Put(KubeResources.DaemonSets, made);
    }

    private async Task<bool> RunAsync(TimeSpan timeMax)
    {
        using var client = new KubeClient(
            new KubeAccess { Server = new Uri("https://10.0.0.1:6443"), Kind = KubeAccessKind.InCluster },
            new KubeClientOptions(), new StandInHandler(_bench.Api.Handle, TimeProvider.System));
        var options = new UninstallOptions(ControllerBench.Namespace, Agents, timeMax, Kubeconfig: null);
        return await new ClusterUninstall(client, options, _bench.Log.Log, TimeProvider.System)
            .RunAsync(CancellationToken.None);
    }
}

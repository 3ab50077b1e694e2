using System;
using System.Linq;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.SystemTests.Controllers;

public sealed class ControllerTests : IAsyncDisposable
{
    private const string Both = "cloud-1 10.244.1.0/24; edge-1 10.244.9.7/32";

    private readonly ControllerBench _bench = new();
    private readonly KeyPair _cloud = KeyPair.Generate();
    private readonly KeyPair _edge = KeyPair.Generate();

    public ControllerTests()
    {
        _bench.PutNode("cloud-1", "10.244.1.0/24");
        _bench.PutNode("edge-1");
        _bench.PutPod("web", "cloud-1", "10.244.1.7");
        _bench.PutPod("agent", "edge-1", "10.244.9.8", isHost: true);
        _bench.PutPod("sensor", "edge-1", "10.244.9.7");
        _bench.Publish("cloud-1", _cloud, "/ip4/192.0.2.1/tcp/20006");
        _bench.Publish("edge-1", _edge);
    }

    public async ValueTask DisposeAsync()
    {
        await _bench.DisposeAsync();
        _cloud.Dispose();
        _edge.Dispose();
    }

    [Fact]
    public async Task Nodes_and_pods_become_the_mesh_and_each_change_the_next_generation()
    {
        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        ulong first = _bench.Read()!.Generation;
        _bench.PutPod("late", "edge-1", "10.244.9.6");
        await _bench.UntilMeshAsync("cloud-1 10.244.1.0/24; edge-1 10.244.9.6/31");
        Assert.Equal(first + 1, _bench.Read()!.Generation);
        _bench.Api.Delete(KubeResources.Pods, "default", "late");
        await _bench.UntilMeshAsync(Both);
        Assert.Equal(first + 2, _bench.Read()!.Generation);
    }

    [Fact]
    public async Task Second_controller_goes_on_where_the_first_ended_and_only_one_writes()
    {
        Func<Task> end = _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        _bench.Start("two");
        ulong first = _bench.Read()!.Generation;
        _bench.PutPod("late", "edge-1", "10.244.9.6");
        await _bench.UntilAsync(() => _bench.Read()!.Generation == first + 1, "one more");
        await end();
        _bench.Api.Delete(KubeResources.Pods, "default", "late");
        await _bench.UntilMeshAsync(Both);
        Assert.Equal(first + 2, _bench.Read()!.Generation);
        Assert.Equal(2, Count(_bench.Log.Text, " controller_leads "));
    }

    [Fact]
    public async Task Controller_that_dies_between_shards_and_index_leaves_what_the_next_one_mends()
    {
        Func<Task> end = _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        ulong first = _bench.Read()!.Generation;
        bool isCut = false;
        _bench.Api.Intercept = (method, query) =>
        {
            if (method == "PUT" && query.Name == ClusterNames.Index)
            {
                isCut = true;
                return StandInAnswer.Status(503, "Unavailable", "cut");
            }

            return null;
        };
        _bench.PutPod("late", "edge-1", "10.244.9.6");
        await _bench.UntilAsync(() => isCut, "the index is being written");
        await end();
        Assert.Equal(Both, _bench.Mesh());
        Assert.Equal(first, _bench.Read()!.Generation);

        _bench.Api.Intercept = null;
        _bench.Start("two");
        await _bench.UntilMeshAsync("cloud-1 10.244.1.0/24; edge-1 10.244.9.6/31");
        Assert.True(_bench.Read()!.Generation > first);
    }

    [Fact]
    public async Task Expired_watches_are_caught_up_and_deletions_that_nobody_told_are_proven()
    {
        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        _bench.Api.Intercept = (method, query) =>
            query.IsWatch ? StandInAnswer.Status(503, "Unavailable", "away") : null;
        _bench.Api.EndWatches();
        _bench.Api.Delete(KubeResources.Pods, "default", "sensor");
        _bench.Api.Delete(KubeResources.Nodes, null, "cloud-1");
        _bench.Api.Compact();
        _bench.Api.Intercept = null;
        await _bench.UntilMeshAsync("edge-1");
    }

    [Fact]
    public async Task List_that_lies_takes_nothing_away()
    {
        Func<Task> end = _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        await end();
        _bench.Api.Intercept = (method, query) => method == "GET" && query.Name.Length == 0 && !query.IsWatch
            && query.Plural == "nodes"
                ? StandInAnswer.Of(new JsonObject
                {
                    ["kind"] = "List", ["apiVersion"] = "v1",
                    ["metadata"] = new JsonObject { ["resourceVersion"] = "1000000" },
                    ["items"] = new JsonArray(),
                })
                : null;
        _bench.Start("two");
        _bench.PutPod("late", "edge-1", "10.244.9.6");
        await _bench.UntilMeshAsync("cloud-1 10.244.1.0/24; edge-1 10.244.9.6/31");
    }

    [Fact]
    public async Task Changed_key_is_an_event_and_waits_for_the_operator()
    {
        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        using KeyPair other = KeyPair.Generate();
        ulong before = _bench.Read()!.Generation;
        string name = _bench.Publish("edge-1", other);
        await _bench.UntilAsync(
            () => _bench.Api.All(KubeResources.Events).Any(static one => one.Reason == "KeyChanged"), "an Event");
        KubeEventObject told = _bench.Api.All(KubeResources.Events).Single(static one => one.Reason == "KeyChanged");
        Assert.Equal(("Node", "edge-1"), (told.InvolvedObject!.Kind, told.InvolvedObject.Name));
        Assert.Equal(before, _bench.Read()!.Generation);

        _bench.Approve("edge-1", other);
        await _bench.UntilAsync(
            () => _bench.Read()!.Nodes[1].PeerId.Span.SequenceEqual(other.PeerId.Bytes.Span), "the new key");
        await _bench.UntilAsync(
            () => _bench.Api.All(KubeResources.ConfigMaps).Count(static map =>
                map.Metadata.LabelOf(ClusterNames.KindLabel) == ClusterNames.NodeKind) == 2,
            "one publication each");
        Assert.NotNull(_bench.Api.Find(KubeResources.ConfigMaps, ControllerBench.Namespace, name));
    }

    [Fact]
    public async Task Trust_that_is_lost_by_accident_is_written_again()
    {
        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        string map = ClusterNames.TrustOf("edge-1");
        _bench.Api.Delete(KubeResources.ConfigMaps, ControllerBench.Namespace, map);
        await _bench.UntilAsync(
            () => _bench.Api.Find(KubeResources.ConfigMaps, ControllerBench.Namespace, map)?.Data?.ContainsKey("edge-1")
                == true,
            "the record again");
        Assert.Equal(Both, _bench.Mesh());
    }

    [Fact]
    public async Task Objects_that_an_agent_has_put_under_the_controllers_names_keep_nothing_from_it()
    {
        string[] names = [ClusterNames.Index, ClusterNames.ShardOf('a', 0), ClusterNames.TrustOf("edge-1")];
        foreach (string name in names)
        {
            _bench.Api.Put(KubeResources.ConfigMaps, new KubeConfigMap
            {
                Metadata = { Name = name, Namespace = ControllerBench.Namespace },
                Data = new() { ["edge-1"] = "mine" },
            });
        }

        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        await _bench.UntilAsync(
            () => ClusterNames.AllOfTrust.All(name => _bench.Api.Find(
                KubeResources.ConfigMaps, ControllerBench.Namespace, name)?.Metadata.LabelOf(ClusterNames.KindLabel)
                    == ClusterNames.TrustKind),
            "no name of trust is free");
    }

    [Fact]
    public async Task Slow_api_only_slows_and_bad_settings_and_objects_change_nothing()
    {
        _bench.Api.Intercept = (method, query) => method == "GET" && !query.IsWatch
            ? _bench.Api.Serve(method, query, []) with { Delay = TimeSpan.FromMilliseconds(500) }
            : null;
        _bench.Start("one");
        await _bench.UntilMeshAsync(Both);
        _bench.WriteSettings("cloudCIDR: [10.244.0.0/16, 10.244.1.0/24]");
        _bench.Api.PutJson(
            KubeResources.Nodes,
            """{"metadata":{"name":"cloud-1"},"spec":{"podCIDRs":{"not":"a list"}}}""");
        await _bench.UntilAsync(
            () => _bench.Log.Text.Contains("settings_not_taken", StringComparison.Ordinal)
                && _bench.Log.Text.Contains(" finding ", StringComparison.Ordinal),
            "both are told");
        Assert.Equal(Both, _bench.Mesh());
        Assert.Contains("edgemesh-agent.yaml:3:", _bench.Log.Text, StringComparison.Ordinal);
    }

    private static int Count(string text, string part) => text.Split(part).Length - 1;
}

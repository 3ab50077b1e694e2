using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

/// <summary>The node's side against an API server: shards, bad input, trust, own publication.</summary>
public sealed class MeshSourceTests : IAsyncDisposable
{
    private const int ManyNodes = 600;

    private readonly EdgeNode _node = new(Bench.ApiAccess);

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Fact]
    public async Task A_large_document_is_fetched_and_then_followed_by_deltas_alone()
    {
        await RunAsync(ManyNodes);
        int before = Gets("edgemesh-mesh-");
        for (byte i = 2; i < 20; i++)
        {
            ulong generation = _node.Publish(EdgeNode.Mesh(i, ManyNodes));
            await _node.UntilAsync(() => _node.InForce == generation);
        }

        // How often it was asked for before it came, is the bench's clock's doing.
        Assert.True(before > 0);
        Assert.Equal(before, Gets("edgemesh-mesh-"));
        Assert.Empty(_node.Problems);
    }

    [Fact]
    public async Task A_delta_that_never_came_is_asked_for_by_its_name()
    {
        await RunAsync(ManyNodes);
        ulong lost = _node.Publish(EdgeNode.Mesh(2, ManyNodes), reachesNode: false);
        ClusterObject missing = _node.Cluster.Objects.Single(known => known.Name == ClusterNames.DeltaOf(lost));
        _node.Publish(EdgeNode.Mesh(3, ManyNodes));
        await _node.UntilAsync(() => Gets(missing.Name) > 0);
        Assert.Contains(_node.Problems, problem => problem.Contains("is missing", StringComparison.Ordinal));
        _node.Write([missing with { Labels = new Dictionary<string, string>() }]); // no watch sees it
        await _node.UntilAsync(() => _node.InForce == lost + 1);
        Assert.Empty(_node.Problems);
    }

    [Fact]
    public async Task Before_the_controller_has_written_anything_the_node_waits_and_says_so()
    {
        _node.Start();
        await _node.UntilAsync(() => _node.Problems.Any(
            problem => problem.Contains("no mesh document", StringComparison.Ordinal)));
        ulong generation = _node.Publish(EdgeNode.Mesh(1));
        await _node.UntilAsync(() => _node.InForce == generation && _node.Problems.Count == 0);
    }

    [Theory]
    [InlineData("{\"schema\":2}", "has schema 2")]
    [InlineData("{\"schema\":1}", "names no cluster")]
    [InlineData("nonsense", "is not the JSON")]
    public async Task A_bad_index_is_a_problem_and_the_last_good_state_stays(string text, string expected)
    {
        ulong generation = await RunAsync(1);
        _node.Write([ClusterObject.OfText(
            ClusterNames.Index, ClusterNames.LabelsOf(ClusterNames.MeshKind, isFeed: true), ClusterNames.IndexKey,
            text)]);
        await _node.UntilAsync(() => _node.Problems.Any(
            problem => problem.Contains(expected, StringComparison.Ordinal)));
        Assert.Equal(generation, _node.InForce);
        Assert.Contains("error mesh_shard_problem", _node.Log, StringComparison.Ordinal);
        ulong next = _node.Publish(EdgeNode.Mesh(2));
        await _node.UntilAsync(() => _node.InForce == next && _node.Problems.Count == 0);
    }

    [Fact]
    public async Task An_object_that_the_API_itself_spoils_is_a_problem_and_the_last_good_state_stays()
    {
        ulong generation = await RunAsync(1);
        _node.Bench.Api.PutJson(KubeResources.ConfigMaps, """
            {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"edgemesh-mesh","namespace":"kubeedge",
            "labels":{"edgemesh.io/feed":"changes"}},"data":{"mesh.json":7}}
            """);
        await _node.UntilAsync(() => _node.Problems.Count > 0);
        Assert.Equal(generation, _node.InForce);
        ulong next = _node.Publish(EdgeNode.Mesh(2));
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Fact]
    public async Task A_shard_that_is_not_the_one_of_the_index_is_a_problem_until_it_is()
    {
        ulong generation = await RunAsync(ManyNodes);
        _node.Publish(EdgeNode.Mesh(2, ManyNodes), reachesNode: false);
        _node.Cluster.Uptime += TimeSpan.FromMinutes(6);
        ShardPlan whole = _node.Cluster.Publish(EdgeNode.Mesh(3, ManyNodes))!;
        _node.Write(whole.Writes.Skip(1).Select(write => write.Name == ClusterNames.Index
            ? write
            : write with { BinaryData = new Dictionary<string, byte[]> { [write.Name] = [1, 2, 3] } }));
        await _node.UntilAsync(() => _node.Problems.Any(
            problem => problem.Contains("not the one", StringComparison.Ordinal)));
        Assert.Equal(generation, _node.InForce);
        _node.Write(whole.Writes.Skip(1));
        await _node.UntilAsync(() => _node.InForce == whole.Document.Generation && _node.Problems.Count == 0);
    }

    [Fact]
    public async Task A_document_that_breaks_the_rules_is_a_problem_and_the_last_good_state_stays()
    {
        ulong generation = await RunAsync(1);
        MeshDocument wrong = EdgeNode.Mesh(2);
        wrong.Nodes[0].Addresses[0] = "/ip4/10.244.1.1/tcp/20006"; // inside the tunnel
        _node.Publish(wrong);
        await _node.UntilAsync(() => _node.Problems.Any(
            problem => problem.Contains("goes through the tunnel", StringComparison.Ordinal)));
        Assert.Equal(generation, _node.InForce);
    }

    [Fact]
    public async Task A_document_without_this_node_is_no_problem_and_changes_nothing()
    {
        ulong generation = await RunAsync(1);
        _node.Publish(SampleMeshes.Document(0, SampleMeshes.Node("another", 9)));
        await _node.UntilAsync(() => _node.State.Read().Value?.Trust == "not admitted");
        Assert.Equal(generation, _node.InForce);
        Assert.Empty(_node.Problems);
    }

    [Fact]
    public async Task Trust_follows_the_key_that_the_mesh_has_and_the_record_that_waits()
    {
        string key = PeerOf(EdgeNode.Mesh(1));
        _node.Facts.Set(new DataplaneFacts(key, "1", []));
        ulong generation = await RunAsync(1);
        await _node.UntilAsync(() => _node.State.Read().Value?.Trust == "pinned");

        MeshDocument other = EdgeNode.Mesh(2);
        other.Nodes[0].PeerId = SampleMeshes.Node("x", 77).PeerId;
        _node.Publish(other);
        await _node.UntilAsync(() => _node.State.Read().Value?.Trust == "changed");
        Assert.Equal(generation, _node.InForce); // it waits for the operator

        _node.Write([ClusterObject.OfText(
            ClusterNames.TrustOf(EdgeNode.Name), ClusterNames.LabelsOf(ClusterNames.TrustKind), EdgeNode.Name,
            new TrustRecord(null, key).ToText())]);
        _node.Publish(SampleMeshes.Document(0, SampleMeshes.Node("another", 9)));
        await _node.UntilAsync(() => _node.State.Read().Value?.Trust == "pending");
        ulong last = _node.Publish(EdgeNode.Mesh(3));
        await _node.UntilAsync(() => _node.InForce == last && _node.State.Read().Value?.Trust == "pinned");
    }

    [Fact]
    public async Task The_node_publishes_itself_by_creating_and_again_when_it_is_gone()
    {
        string key = PeerOf(EdgeNode.Mesh(1));
        _node.Facts.Set(new DataplaneFacts(key, "0.1.0", ["/ip4/0.0.0.0/tcp/20006"]));
        ulong generation = await RunAsync(1);
        await _node.UntilAsync(() => Publications().Count > 0);
        NodePublication first = Publications().Single().Publication;
        Assert.Equal((EdgeNode.Name, key, "0.1.0"), (first.Node, first.PeerId, first.Version));
        Assert.Equal(["/ip4/192.0.2.1/tcp/20006"], first.Addresses);

        await _node.UntilAsync(() => Publications().Any(seen => seen.Publication.Generation == generation));
        foreach ((string name, _) in Publications())
        {
            _node.Bench.Api.Delete(KubeResources.ConfigMaps, EdgeNode.Namespace, name);
        }

        await _node.UntilAsync(() => Publications().Count > 0);
        Assert.DoesNotContain(_node.Bench.Api.Requests, request =>
            request.StartsWith("PUT", StringComparison.Ordinal)
            || request.StartsWith("PATCH", StringComparison.Ordinal)
            || request.StartsWith("DELETE", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_publication_that_is_refused_is_a_problem_and_tried_again()
    {
        bool refuses = true;
        _node.Bench.Api.Intercept = (method, _) => method == "POST" && refuses
            ? StandInAnswer.Status(403, "Forbidden", "no")
            : null;
        _node.Facts.Set(new DataplaneFacts(PeerOf(EdgeNode.Mesh(1)), "0.1.0", ["/ip4/0.0.0.0/tcp/20006"]));
        await RunAsync(1);
        await _node.UntilAsync(() => _node.Problems.Any(
            problem => problem.Contains("can't be created", StringComparison.Ordinal)));
        refuses = false;
        await _node.UntilAsync(() => Publications().Count > 0 && _node.Problems.Count == 0);
    }

    [Fact]
    public async Task An_API_that_is_down_is_a_problem_while_it_lasts_and_takes_nothing_away()
    {
        ulong generation = await RunAsync(1);
        _node.Bench.Api.Intercept = static (_, _) => StandInAnswer.Status(500, "InternalError", "etcd is away");
        _node.Bench.Api.EndWatches();
        await _node.UntilAsync(() => _node.Problems.Count > 0);
        await _node.PassAsync(TimeSpan.FromHours(2));
        Assert.Equal(generation, _node.InForce);
        ulong next = _node.Publish(EdgeNode.Mesh(2));
        _node.Bench.Api.Intercept = null;
        await _node.UntilAsync(() => _node.InForce == next && _node.Problems.Count == 0);
    }

    [Fact]
    public async Task A_cluster_that_was_set_back_is_told_until_its_controller_has_counted_on()
    {
        ulong old = await RunAsync(1);
        ClusterObject[] before = [.. _node.Cluster.Objects];
        ulong generation = _node.Publish(EdgeNode.Mesh(2));
        await _node.UntilAsync(() => _node.InForce == generation);
        foreach (ClusterObject restored in before)
        {
            _node.Cluster.Put(restored);
        }

        _node.Cluster.Restart();
        Assert.Equal(old, _node.Cluster.Writer.Document!.Generation);
        ShardPlan next = _node.Cluster.Publish(EdgeNode.Mesh(3), floor: generation)!; // what the node has published
        Assert.True(next.Document.Generation > generation);
        _node.Write(next.Writes);
        await _node.UntilAsync(() => _node.InForce == next.Document.Generation);
    }

    private static string PeerOf(MeshDocument mesh) => EdgeMesh.Addresses.PeerId.TryDecode(
        mesh.Nodes.Single(node => node.Name == EdgeNode.Name).PeerId.Span, out EdgeMesh.Addresses.PeerId? peer, out _)
        ? peer.ToString() : "";

    private async Task<ulong> RunAsync(int others)
    {
        ulong generation = _node.Publish(EdgeNode.Mesh(1, others));
        _node.Start();
        await _node.UntilAsync(() => _node.InForce == generation);
        return generation;
    }

    private int Gets(string name) => _node.Bench.Api.Requests.Count(
        request => request.Contains($"/configmaps/{name}", StringComparison.Ordinal));

    private List<(string Name, NodePublication Publication)> Publications() =>
    [
        .. _node.Bench.Api.All(KubeResources.ConfigMaps)
            .Where(map => map.Metadata.LabelOf(ClusterNames.KindLabel) == ClusterNames.NodeKind)
            .Select(map => NodePublication.TryRead(
                ClusterAccess.Read(map), out NodePublication? read, out string? problem)
                ? (map.Metadata.Name, read)
                : throw new InvalidOperationException(problem)),
    ];
}

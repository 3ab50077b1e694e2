using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.ControlPlane.Controller.Watching;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;
using EdgeMesh.Logging;
using EdgeMesh.UnitTests.Kubernetes;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Controller;

public sealed class TrustStoreTests : IDisposable
{
    private const string Namespace = "edge";
    private static readonly string OfA = ClusterNames.TrustOf("a");

    private readonly Bench _bench = new();
    private readonly MeshComposer _composer = new();
    private readonly TrustStore _store;
    private readonly ClusterWatch _watch;

    public TrustStoreTests()
    {
        _store = new TrustStore(_bench.Client, Namespace);
        _watch = new ClusterWatch(_bench.Client, Namespace, _composer, _store, StructuredLog.None, static () => { });
    }

    public void Dispose() => _bench.Dispose();

    [Fact]
    public async Task The_operators_word_that_came_while_the_controller_wrote_is_not_undone()
    {
        KeyRecord pinned = new(ComposedCluster.KeyOf("a"), ComposedCluster.KeyOf("a-new"));
        KeyRecord approved = new(ComposedCluster.KeyOf("a-new"), null);
        _bench.Api.Intercept = (method, query) =>
        {
            if (method != "POST")
            {
                return null;
            }

            // Stored; then the operator writes over it, and the watch brings that before this answer.
            _bench.Api.Intercept = null;
            Put(OfA, "a", pinned);
            StandInAnswer answer = _bench.Api.Serve("GET", new StandInQuery($"{query.Path}/{OfA}"), []);
            Put(OfA, "a", approved);
            _store.Take(_bench.Api.Find(KubeResources.ConfigMaps, Namespace, OfA)!, _composer.Trust);
            return answer;
        };
        await WriteAsync(OfA, pinned);
        Assert.Equal(approved, _composer.Trust.Records["a"]);

        // And what is known is the newest version: the next write fits it.
        Assert.True((await WriteAsync(OfA, approved)).IsFound);
    }

    [Fact]
    public async Task A_configmap_without_our_label_keeps_no_record_from_being_written()
    {
        _bench.Api.Put(KubeResources.ConfigMaps, new KubeConfigMap
        {
            Metadata = { Name = OfA, Namespace = Namespace },
            Data = new() { ["a"] = new TrustRecord(ComposedCluster.KeyOf("evil").ToString(), null).ToText() },
        });
        KeyRecord pinned = new(ComposedCluster.KeyOf("a"), null);
        Assert.True((await WriteAsync(OfA, pinned)).IsFound);
        KubeConfigMap stored = _bench.Api.Find(KubeResources.ConfigMaps, Namespace, OfA)!;
        Assert.Equal(ClusterNames.TrustKind, stored.Metadata.LabelOf(ClusterNames.KindLabel));
        Assert.Contains(ComposedCluster.KeyOf("a").ToString(), stored.Data!["a"], StringComparison.Ordinal);
        Assert.Equal(pinned, _composer.Trust.Records["a"]);
    }

    [Fact]
    public async Task A_configmap_that_another_controller_has_made_is_not_written_over()
    {
        Put(OfA, "a", new KeyRecord(ComposedCluster.KeyOf("other"), null));
        KubeResponse<KubeConfigMap> response = await WriteAsync(OfA, new KeyRecord(ComposedCluster.KeyOf("a"), null));
        Assert.Equal(KubeResult.Conflict, response.Result);
    }

    [Fact]
    public void A_record_taken_out_of_a_place_where_it_does_not_belong_forgets_nobody()
    {
        KeyRecord pinned = new(ComposedCluster.KeyOf("a"), null);
        Put(OfA, "a", pinned);
        Put("foreign", "a", new KeyRecord(ComposedCluster.KeyOf("evil"), null));
        Take(OfA);
        Take("foreign");
        Assert.Equal(pinned, _composer.Trust.Records["a"]);
        Put("foreign", "b", pinned);
        Take("foreign");
        Assert.Equal(pinned, _composer.Trust.Records["a"]);
    }

    [Fact]
    public void Every_name_of_trust_is_kept_from_those_who_may_only_create()
    {
        Assert.Equal(16, _store.Unreserved().Count);
        Assert.Contains(OfA, _store.Unreserved());
        Put(OfA, "a", new KeyRecord(ComposedCluster.KeyOf("a"), null));
        Take(OfA);
        Assert.Equal(ClusterNames.AllOfTrust.Where(static name => name != OfA), _store.Unreserved());
    }

    private Task<KubeResponse<KubeConfigMap>> WriteAsync(string name, KeyRecord record) => _watch.WriteTrustAsync(
        name, new Dictionary<string, KeyRecord> { ["a"] = record }, CancellationToken.None);

    private void Take(string name) =>
        _store.Take(_bench.Api.Find(KubeResources.ConfigMaps, Namespace, name)!, _composer.Trust);

    private void Put(string name, string node, KeyRecord record) => _bench.Api.Put(
        KubeResources.ConfigMaps, new KubeConfigMap
        {
            Metadata =
            {
                Name = name, Namespace = Namespace, Labels = new(ClusterNames.LabelsOf(ClusterNames.TrustKind)),
            },
            Data = new()
            {
                [node] = new TrustRecord(record.Approved?.ToString(), record.Pending?.ToString()).ToText(),
            },
        });
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

/// <summary>
/// What KubeEdge's metaServer does to a client that trusts it, and that no route is lost by it. Where each comes from
/// in KubeEdge is told at <see cref="StandInMetaServer"/>.
/// </summary>
public sealed class MetaServerTrapTests : IAsyncDisposable
{
    // Deltas: so many random keys are over 16 KiB.
    private const int ManyNodes = 600;

    private readonly TemporaryDirectory _directory = new();
    private readonly EdgeNode _node;

    public MetaServerTrapTests() => _node = new EdgeNode(Bench.MetaServerAccess, _directory.Path);

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        _directory.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(ManyNodes)]
    public async Task Documents_come_through_it(int others)
    {
        await RunAsync(others);
        for (byte i = 2; i < 6; i++)
        {
            ulong generation = _node.Publish(EdgeNode.Mesh(i, others));
            await _node.UntilAsync(() => _node.InForce == generation);
        }

        Assert.Empty(_node.Problems);
    }

    [Theory]   // offline, an empty list and 404 are all that a node gets that has nothing cached
    [InlineData(StandInLink.Offline)]
    [InlineData(StandInLink.HalfDead)]
    public async Task A_node_that_boots_offline_keeps_its_snapshot_and_follows_when_the_link_is_back(StandInLink link)
    {
        ulong generation = await RunAsync(1);
        await _node.StopAsync();
        var fresh = new StandInMetaServer(_node.Bench.Api); // a reboot that lost edgecore's cache too
        fresh.SetLink(link);
        _node.Bench.MetaServer.SetLink(link);
        _node.Start();
        await _node.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(generation, _node.InForce);

        ulong next = _node.Publish(EdgeNode.Mesh(2));
        await _node.PassAsync(TimeSpan.FromMinutes(10));
        Assert.Equal(generation, _node.InForce);
        _node.Bench.MetaServer.SetLink(StandInLink.Online);
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Fact]
    public async Task Days_offline_change_nothing()
    {
        ulong generation = await RunAsync(1);
        _node.Bench.MetaServer.SetLink(StandInLink.Offline);
        await _node.PassAsync(TimeSpan.FromDays(3));
        Assert.Equal(generation, _node.InForce);
        ulong next = _node.Publish(EdgeNode.Mesh(2));
        _node.Bench.MetaServer.SetLink(StandInLink.Online);
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Fact]   // GETs and events are cached, lists are not: some of the objects are in the list, others are not
    public async Task A_list_of_some_objects_takes_nothing_away()
    {
        ulong generation = await RunAsync(ManyNodes);
        _node.Bench.MetaServer.SetLink(StandInLink.Offline);
        await _node.StopAsync();
        _node.Start();
        await _node.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(generation, _node.InForce);
        _node.Bench.MetaServer.SetLink(StandInLink.Online);
        ulong next = _node.Publish(EdgeNode.Mesh(2, ManyNodes));
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Fact]   // said again and again of objects that live
    public async Task DELETED_means_nothing()
    {
        ulong generation = await RunAsync(1);
        for (int i = 0; i < 20; i++)
        {
            foreach (ClusterObject known in _node.Cluster.Objects)
            {
                _node.Bench.MetaServer.RepeatDeleted(KubeResources.ConfigMaps, EdgeNode.Namespace, known.Name);
            }

            await _node.PassAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(generation, _node.InForce);
        ulong next = _node.Publish(EdgeNode.Mesh(2));
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Theory]   // kubeedge#4699: a watch that is open and says nothing
    [InlineData(1)]
    [InlineData(ManyNodes)]
    public async Task A_dead_watch_is_made_up_for_by_reading_the_index_now_and_then(int others)
    {
        _node.Bench.MetaServer.OpensDeadWatches = true;
        await RunAsync(others);
        ulong next = _node.Publish(EdgeNode.Mesh(2, others));
        _node.Cluster.Uptime += TimeSpan.FromMinutes(6);
        _node.Write(_node.Cluster.Publish(EdgeNode.Mesh(2, others))?.Writes ?? []); // whole, after deltas
        await _node.UntilAsync(() => _node.InForce == next);
    }

    [Fact]   // the objects are really gone: a restore of etcd, or somebody's hand
    public async Task Objects_that_are_gone_in_the_cloud_take_nothing_away()
    {
        ulong generation = await RunAsync(1);
        foreach (ClusterObject known in _node.Cluster.Objects)
        {
            _node.Bench.Api.Delete(KubeResources.ConfigMaps, EdgeNode.Namespace, known.Name);
        }

        await _node.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(generation, _node.InForce);
        await _node.StopAsync();
        _node.Start();
        await _node.PassAsync(TimeSpan.FromHours(1));
        Assert.Equal(generation, _node.InForce);
    }

    [Fact]   // "unknown" watches may take cloudcore down: nothing is asked for but ConfigMaps
    public async Task Nothing_but_ConfigMaps_is_asked_for()
    {
        await RunAsync(ManyNodes);
        IEnumerable<string> others = _node.Bench.Api.Requests.Where(
            request => !request.Contains("/namespaces/kubeedge/configmaps", StringComparison.Ordinal));
        Assert.Empty(others);
    }

    private async Task<ulong> RunAsync(int others)
    {
        ulong generation = _node.Publish(EdgeNode.Mesh(1, others));
        _node.Start();
        await _node.UntilAsync(() => _node.InForce == generation);
        return generation;
    }
}

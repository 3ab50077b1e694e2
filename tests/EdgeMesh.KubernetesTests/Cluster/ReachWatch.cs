using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using k8s;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>
/// Watches pods, and measures for each that comes up how long it takes from Running, as the API tells it, until it and
/// one pod at each other site have reached each other both ways.
/// </summary>
internal sealed class ReachWatch : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly ClusterFixture _fixture;
    private readonly IReadOnlyList<PodPlace> _anchors;
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<string, Task<(string Node, TimeSpan Delay)>> _measured = [];
    private readonly Task _watching;

    private ReachWatch(ClusterFixture fixture, IReadOnlyList<PodPlace> anchors)
    {
        _fixture = fixture;
        _anchors = anchors;
        _watching = WatchAsync();
    }

    /// <summary>Begins; the pods that run already are those that new ones are measured against.</summary>
    public static async Task<ReachWatch> StartAsync(ClusterFixture fixture) =>
        new(fixture, await fixture.Pods.SettledAsync());

    /// <summary>Ends the watch and waits for what is being measured.</summary>
    /// <returns>Of each pod its node, and the time.</returns>
    public async Task<IReadOnlyList<(string Node, TimeSpan Delay)>> StopAsync()
    {
        (string Node, TimeSpan Delay)[] all = await Task.WhenAll(_measured.Values);
        await _end.CancelAsync();
        await _watching;
        return all;
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching;
        _end.Dispose();
    }

    private async Task WatchAsync()
    {
        try
        {
            IAsyncEnumerable<(WatchEventType, V1Pod)> events = _fixture.Client.CoreV1.WatchListNamespacedPodAsync(
                "default", labelSelector: "lab=pods", cancellationToken: _end.Token);
            await foreach ((WatchEventType _, V1Pod pod) in events)
            {
                if (pod.Status?.Phase == "Running" && pod.Metadata.DeletionTimestamp is null &&
                    _anchors.All(anchor => anchor.Uid != pod.Uid()))
                {
                    _ = _measured.GetOrAdd(pod.Uid(), _ => Task.Run(() => MeasureAsync(pod, Stopwatch.GetTimestamp())));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test has seen enough.
        }
    }

    private async Task<(string Node, TimeSpan Delay)> MeasureAsync(V1Pod pod, long running)
    {
        ClusterNode node = _fixture.Cluster.Node(pod.Spec.NodeName);
        var place = new PodPlace(
            pod.Name(),
            pod.Uid(),
            node,
            [.. pod.Status.PodIPs.Select(address => System.Net.IPAddress.Parse(address.Ip))],
            node.PodNetwork(pod.Uid(), pod.Name()) ??
                throw new InvalidOperationException(pod.Name() + " is not there"));
        await using var reach = new PodReach(PodReach.NextPort());
        foreach (PodPlace end in (PodPlace[])[place, .. _anchors.Where(anchor => anchor.Node != node)])
        {
            reach.Add(end);
        }

        ReachReport report = await reach.ProbeAsync(
            isIpv6: false, Patience, (from, to) => from.Uid == place.Uid || to.Uid == place.Uid);
        Assert.True(report.IsWhole, report.ToString());
        return (node.Name, Stopwatch.GetElapsedTime(running));
    }
}

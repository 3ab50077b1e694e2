using System;
using System.Collections.Generic;
using System.IO;
using System.IO.Compression;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Perf.Scale;

/// <summary>
/// Watches what a node watches and decodes each change, without keeping a document: so that many fit one machine.
/// </summary>
internal sealed class LightWatcher(KubeAccess access)
{
    /// <summary>What came, and when.</summary>
    public ArrivalLog Arrivals { get; } = new();

    /// <summary>Watches until stopped.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        using var client = new KubeClient(access);
        string version = "";
        while (true)
        {
            await foreach (KubeEvent<KubeConfigMap> change in client.WatchAsync(
                KubeResources.ConfigMaps, ScalePlan.Namespace,
                new KubeWatchOptions { LabelSelector = ClusterNames.FeedSelector, ResourceVersion = version }, stop))
            {
                if (change.Object is { } map)
                {
                    version = map.Metadata.ResourceVersion ?? version;
                    Take(map);
                }
                else if (change.Kind == KubeEventKind.Failed)
                {
                    version = "";
                    await Task.Delay(TimeSpan.FromMilliseconds(200), stop);
                }
            }
        }
    }

    private void Take(KubeConfigMap map)
    {
        if (!ClusterNames.IsDelta(map.Metadata.Name, out _)
            || map.BinaryData?.GetValueOrDefault(map.Metadata.Name) is not { } bytes)
        {
            return;
        }

        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        var change = MeshChange.Parser.ParseFrom(gzip);
        foreach (NodeChange node in change.Nodes)
        {
            Arrivals.Add(node.Name, (IEnumerable<IpPrefix>?)node.Whole?.Prefixes ?? node.Added);
        }
    }
}

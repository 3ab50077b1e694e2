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
/// Watches what a node watches and decodes each change, without keeping a large document: so that many fit one machine.
/// </summary>
internal sealed class LightWatcher(KubeAccess access)
{
    private readonly Dictionary<string, MeshNode> _nodes = new(StringComparer.Ordinal); // of small documents only

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
        string name = map.Metadata.Name;
        if (map.BinaryData?.GetValueOrDefault(name) is not { } bytes)
        {
            return;
        }

        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        if (ClusterNames.IsDelta(name, out _))
        {
            foreach (NodeChange node in MeshChange.Parser.ParseFrom(gzip).Nodes)
            {
                Arrivals.Add(node.Name, (IEnumerable<IpPrefix>?)node.Whole?.Prefixes ?? node.Added);
            }
        }
        else if (ClusterNames.IsShard(name))
        {
            // Small documents come whole, each in one shard.
            foreach (MeshNode node in MeshDocument.Parser.ParseFrom(gzip).Nodes)
            {
                if (!_nodes.TryGetValue(node.Name, out MeshNode? before) || !before.Equals(node))
                {
                    _nodes[node.Name] = node;
                    Arrivals.Add(node.Name, node.Prefixes);
                }
            }
        }
    }
}

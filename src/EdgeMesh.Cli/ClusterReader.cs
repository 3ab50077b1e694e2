using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.Cli;

/// <summary>Reads what the doctor judges, by lists of the API only.</summary>
internal static class ClusterReader
{
    private const string LeaseName = "edgemesh-controller";

    /// <summary>Reads.</summary>
    /// <exception cref="CommandException">Something can't be had.</exception>
    public static async Task<ClusterReading> ReadAsync(ClusterLink link, TimeProvider time, CancellationToken cancel)
    {
        KubePage<KubeConfigMap> published = await link.ListAsync(
            KubeResources.ConfigMaps, link.Namespace, ClusterNames.NodeSelector, cancel);
        KubePage<KubeConfigMap> trusted = await link.ListAsync(
            KubeResources.ConfigMaps, link.Namespace, ClusterNames.TrustSelector, cancel);
        KubePage<KubeNode> nodes = await link.ListAsync(KubeResources.Nodes, null, null, cancel);
        KubePage<KubePod> pods = await link.ListAsync(KubeResources.Pods, null, null, cancel);
        KubeLease? lease = await link.FindAsync(KubeResources.Leases, LeaseName, cancel);

        // The mesh last: what it has of nodes and pods can't be older than what was read of them.
        KubePage<KubeConfigMap> mesh = await link.ListAsync(
            KubeResources.ConfigMaps, link.Namespace, ClusterNames.MeshSelector, cancel);
        var shards = new ShardReader(null);
        foreach (KubeConfigMap map in mesh.Items)
        {
            shards.Handle(Seen(map));
        }

        List<string> problems =
        [
            .. published.Malformed.Concat(trusted.Malformed).Concat(mesh.Malformed).Concat(nodes.Malformed)
                .Concat(pods.Malformed).Select(problem => $"{problem.Key}: {problem.Message}"),
        ];
        return new ClusterReading
        {
            Namespace = link.Namespace,
            Now = time.GetUtcNow(),
            Nodes = nodes.Items,
            Pods = pods.Items,
            Published = ReadPublished(published.Items, problems),
            Trusted = ReadTrusted(trusted.Items, problems),
            Index = shards.Index,
            Document = shards.Document,
            NewestGeneration = shards.NewestSeen,
            MeshProblems = [.. shards.Problems, .. Unfinished(shards)],
            ObjectProblems = problems,
            Lease = lease,
        };
    }

    /// <summary>A ConfigMap as the formats take it.</summary>
    public static ClusterObject Seen(KubeConfigMap map) =>
        ClusterObject.Of(map.Metadata.Name, map.Metadata.Labels, map.Data, map.BinaryData);

    /// <summary>The trust records in some ConfigMaps, by node.</summary>
    /// <param name="maps">The ConfigMaps.</param>
    /// <param name="problems">Gets a sentence for each record that can't be read.</param>
    public static IReadOnlyDictionary<string, TrustRecord> ReadTrusted(
        IEnumerable<KubeConfigMap> maps, ICollection<string> problems)
    {
        var records = new Dictionary<string, TrustRecord>(StringComparer.Ordinal);
        foreach (KubeConfigMap map in maps)
        {
            foreach ((string node, string text) in Seen(map).Data)
            {
                if (ClusterNames.TrustOf(node) != map.Metadata.Name)
                {
                    problems.Add($"the trust record of {node} in {map.Metadata.Name} counts for nothing, as its place "
                        + $"is {ClusterNames.TrustOf(node)}: see who created it, and remove it");
                }
                else if (TrustRecord.TryParse(text, out TrustRecord? record, out string? problem))
                {
                    records[node] = record;
                }
                else
                {
                    problems.Add($"the trust record of {node} in {map.Metadata.Name} {problem}");
                }
            }
        }

        return records;
    }

    // Of several publications of a node the newest counts.
    private static Dictionary<string, PublishedNode> ReadPublished(
        IEnumerable<KubeConfigMap> maps, List<string> problems)
    {
        var newest = new Dictionary<string, PublishedNode>(StringComparer.Ordinal);
        foreach (KubeConfigMap map in maps)
        {
            if (!NodePublication.TryRead(Seen(map), out NodePublication? publication, out string? problem))
            {
                problems.Add(problem);
                continue;
            }

            DateTimeOffset? written = KubeTimestamp.TryParse(
                map.Metadata.CreationTimestamp, out DateTimeOffset created) ? created : null;
            if (!newest.TryGetValue(publication.Node, out PublishedNode? known) || known.Written < written)
            {
                newest[publication.Node] = new PublishedNode(publication, written);
            }
        }

        return newest;
    }

    // Everything there is was handled: what is wanted still is missing for good.
    private static IEnumerable<string> Unfinished(ShardReader shards) =>
        shards.Index is not null && shards.Problems.Count == 0
            ? shards.Wanted().Take(1).Select(name => $"the ConfigMap {name}, which the mesh document needs, is missing")
            : [];
}

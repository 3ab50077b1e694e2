using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.ControlPlane.Controller.Publishing;

/// <summary>The index, shards and deltas in the cluster, each with the version that was last seen here.</summary>
/// <remarks>
/// Each write names the version it writes over, so a leader that does not know yet that it is none can't write over
/// what its successor has written: it gets a conflict, and reads everything again.
/// </remarks>
/// <param name="client">Speaks to the API.</param>
/// <param name="ns">The namespace.</param>
internal sealed class MeshStore(KubeClient client, string ns)
{
    private readonly Dictionary<string, string?> _versions = new(StringComparer.Ordinal);

    /// <summary>Reads all of them.</summary>
    /// <param name="pulse">Called before each request: of a large mesh on a slow API there are many.</param>
    /// <param name="stop">Ends the wait.</param>
    /// <returns>The objects, or why not.</returns>
    internal async Task<(IReadOnlyList<ClusterObject>? Objects, string Problem)> LoadAsync(
        Action pulse, CancellationToken stop)
    {
        var maps = new List<KubeConfigMap>();
        var wanted = new KubePageOptions { LabelSelector = ClusterNames.MeshSelector, Limit = 20 };
        do
        {
            pulse();
            KubePage<KubeConfigMap> page = await client.ListAsync(KubeResources.ConfigMaps, ns, wanted, stop);
            if (!page.IsFound)
            {
                return (null, page.Problem);
            }

            maps.AddRange(page.Items);
            wanted = wanted with { Continue = page.Continue };
        }
        while (wanted.Continue.Length > 0);

        _versions.Clear();
        foreach (KubeConfigMap map in maps)
        {
            _versions[map.Metadata.Name] = map.Metadata.ResourceVersion;
        }

        return ([.. maps.Select(ClusterObjects.Of)], "");
    }

    /// <summary>The index of an object; null if it holds none.</summary>
    internal static MeshIndex? IndexOf(ClusterObject seen) =>
        seen.Data.TryGetValue(ClusterNames.IndexKey, out string? text)
            && MeshIndex.TryParse(text, out MeshIndex? index, out _)
            ? index
            : null;

    /// <summary>Reads the index; null if there is none that can be read.</summary>
    internal async Task<MeshIndex?> LoadIndexAsync(CancellationToken stop)
    {
        KubeResponse<KubeConfigMap> response = await client.GetAsync(
            KubeResources.ConfigMaps, ns, ClusterNames.Index, stop);
        return response.IsFound ? IndexOf(ClusterObjects.Of(response.Value)) : null;
    }

    /// <summary>Writes one.</summary>
    /// <returns>Found if it is written; else read everything again.</returns>
    internal async Task<KubeResponse<KubeConfigMap>> WriteAsync(ClusterObject written, CancellationToken stop)
    {
        bool isThere = _versions.TryGetValue(written.Name, out string? version);
        KubeConfigMap map = ClusterObjects.ToMap(written, ns, version);
        KubeResponse<KubeConfigMap> response = isThere
            ? await client.ReplaceAsync(KubeResources.ConfigMaps, map, stop)
            : await ClusterObjects.CreateAsync(client, map, stop);
        if (response.IsFound)
        {
            _versions[written.Name] = response.Value.Metadata.ResourceVersion;
        }

        return response;
    }
}

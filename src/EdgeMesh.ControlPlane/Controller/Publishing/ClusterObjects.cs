using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.Kubernetes.Requests;

namespace EdgeMesh.ControlPlane.Controller.Publishing;

/// <summary>ConfigMaps as the API has them and as <see cref="ClusterObject"/> has them.</summary>
internal static class ClusterObjects
{
    /// <summary>What we read of a ConfigMap.</summary>
    internal static ClusterObject Of(KubeConfigMap map) =>
        ClusterObject.Of(map.Metadata.Name, map.Metadata.Labels, map.Data, map.BinaryData);

    /// <summary>The ConfigMap to write.</summary>
    /// <param name="written">What is in it.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="version">The version to write over; null: there is none.</param>
    internal static KubeConfigMap ToMap(ClusterObject written, string ns, string? version) => new()
    {
        ApiVersion = KubeResources.ConfigMaps.ApiVersion,
        Kind = KubeResources.ConfigMaps.Kind,
        Metadata = new KubeMetadata
        {
            Name = written.Name,
            Namespace = ns,
            ResourceVersion = version,
            Labels = written.Labels.ToDictionary(StringComparer.Ordinal),
        },
        Data = written.Data.Count == 0 ? null : written.Data.ToDictionary(StringComparer.Ordinal),
        BinaryData = written.BinaryData.Count == 0 ? null : written.BinaryData.ToDictionary(StringComparer.Ordinal),
    };

    /// <summary>Creates one of the controller's own; one under its name that is none of them is written over.</summary>
    /// <remarks>
    /// Any agent may create a ConfigMap. Without its label no list of ours has it, so its name would be taken for good.
    /// </remarks>
    /// <returns>As it is stored; or why not: Conflict if a controller has made it.</returns>
    internal static async Task<KubeResponse<KubeConfigMap>> CreateAsync(
        KubeClient client, KubeConfigMap map, CancellationToken stop)
    {
        KubeResponse<KubeConfigMap> created = await client.CreateAsync(KubeResources.ConfigMaps, map, stop);
        if (created.Result != KubeResult.Conflict)
        {
            return created;
        }

        KubeResponse<KubeConfigMap> other = await client.GetAsync(
            KubeResources.ConfigMaps, map.Metadata.Namespace, map.Metadata.Name, stop);
        if (!other.IsFound || other.Value.Metadata.LabelOf(ClusterNames.KindLabel)
            == map.Metadata.LabelOf(ClusterNames.KindLabel))
        {
            return created;
        }

        map.Metadata.ResourceVersion = other.Value.Metadata.ResourceVersion;
        return await client.ReplaceAsync(KubeResources.ConfigMaps, map, stop);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.ControlPlane.Controller.Publishing;

/// <summary>ConfigMaps as the API has them and as <see cref="ClusterObject"/> has them.</summary>
internal static class ClusterObjects
{
    private static readonly Dictionary<string, string> NoTexts = [];
    private static readonly Dictionary<string, byte[]> NoBytes = [];

    /// <summary>What we read of a ConfigMap.</summary>
    internal static ClusterObject Of(KubeConfigMap map) => new(
        map.Metadata.Name, map.Metadata.Labels ?? NoTexts, map.Data ?? NoTexts, map.BinaryData ?? NoBytes);

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
}

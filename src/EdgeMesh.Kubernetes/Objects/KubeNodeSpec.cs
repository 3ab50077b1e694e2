using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>spec</c> of a node.</summary>
public sealed class KubeNodeSpec
{
    /// <summary>The first of <see cref="PodCidrs"/>; older API servers have only this.</summary>
    [JsonPropertyName("podCIDR")]
    public string? PodCidr { get; set; }

    /// <summary>Prefixes of the node's pods, one for each IP version.</summary>
    [JsonPropertyName("podCIDRs")]
    public List<string>? PodCidrs { get; set; }

    /// <summary>Cordoned?</summary>
    public bool Unschedulable { get; set; }
}

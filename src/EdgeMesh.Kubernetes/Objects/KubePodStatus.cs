using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>status</c> of a pod.</summary>
public sealed class KubePodStatus
{
    /// <summary>Pending, Running, Succeeded, Failed, Unknown.</summary>
    public string? Phase { get; set; }

    /// <summary>The first of <see cref="PodIps"/>.</summary>
    [JsonPropertyName("podIP")]
    public string? PodIp { get; set; }

    /// <summary>Addresses, one for each IP version.</summary>
    [JsonPropertyName("podIPs")]
    public List<KubePodIp>? PodIps { get; set; }

    /// <summary>Ready and others.</summary>
    public List<KubeCondition>? Conditions { get; set; }

    /// <summary>How its containers are.</summary>
    public List<KubeContainerStatus>? ContainerStatuses { get; set; }

    /// <summary>When the kubelet took it, RFC 3339.</summary>
    public string? StartTime { get; set; }

    /// <summary>One word why it is as it is: Evicted.</summary>
    public string? Reason { get; set; }
}

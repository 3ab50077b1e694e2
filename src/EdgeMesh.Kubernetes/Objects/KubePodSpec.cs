using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>spec</c> of a pod.</summary>
public sealed class KubePodSpec
{
    /// <summary>The pod's node; null until it is scheduled.</summary>
    public string? NodeName { get; set; }

    /// <summary>Does it live in the node's own network?</summary>
    public bool HostNetwork { get; set; }

    /// <summary>Containers.</summary>
    public List<KubeContainer>? Containers { get; set; }
}

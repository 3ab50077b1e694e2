using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>status</c> of a node.</summary>
public sealed class KubeNodeStatus
{
    /// <summary>Addresses of the machine.</summary>
    public List<KubeNodeAddress>? Addresses { get; set; }

    /// <summary>Ready and others.</summary>
    public List<KubeCondition>? Conditions { get; set; }

    /// <summary>Versions of what runs on it.</summary>
    public KubeNodeInfo? NodeInfo { get; set; }
}

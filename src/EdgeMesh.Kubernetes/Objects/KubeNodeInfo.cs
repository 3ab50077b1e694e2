namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>status.nodeInfo</c> of a node.</summary>
public sealed class KubeNodeInfo
{
    /// <summary>Kernel.</summary>
    public string? KernelVersion { get; set; }

    /// <summary>Kubelet, or KubeEdge's edged (<c>v1.32.0-kubeedge-v1.22.0</c>).</summary>
    public string? KubeletVersion { get; set; }

    /// <summary>Container runtime.</summary>
    public string? ContainerRuntimeVersion { get; set; }

    /// <summary>Distribution.</summary>
    public string? OsImage { get; set; }

    /// <summary>amd64, arm64.</summary>
    public string? Architecture { get; set; }
}

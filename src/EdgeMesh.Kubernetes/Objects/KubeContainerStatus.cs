namespace EdgeMesh.Kubernetes.Objects;

/// <summary>How a container is.</summary>
public sealed class KubeContainerStatus
{
    /// <summary>The container's name in the pod.</summary>
    public string Name { get; set; } = "";

    /// <summary>Does its readiness probe pass?</summary>
    public bool Ready { get; set; }

    /// <summary>How often it was started again.</summary>
    public int RestartCount { get; set; }

    /// <summary>The image that runs.</summary>
    public string? Image { get; set; }
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>A container of a pod.</summary>
public sealed class KubeContainer
{
    /// <summary>Its name in the pod.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its image.</summary>
    public string? Image { get; set; }
}

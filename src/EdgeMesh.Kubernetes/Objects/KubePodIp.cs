namespace EdgeMesh.Kubernetes.Objects;

/// <summary>An address of a pod.</summary>
public sealed class KubePodIp
{
    /// <summary>The address as text.</summary>
    public string? Ip { get; set; }
}

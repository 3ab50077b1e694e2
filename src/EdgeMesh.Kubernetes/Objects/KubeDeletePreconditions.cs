namespace EdgeMesh.Kubernetes.Objects;

/// <summary>What must hold for a deletion to happen.</summary>
internal sealed class KubeDeletePreconditions
{
    public string? Uid { get; set; }

    public string? ResourceVersion { get; set; }
}

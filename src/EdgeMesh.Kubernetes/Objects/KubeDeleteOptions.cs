namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 DeleteOptions</c>.</summary>
internal sealed class KubeDeleteOptions
{
    public string ApiVersion { get; set; } = "v1";

    public string Kind { get; set; } = "DeleteOptions";

    public KubeDeletePreconditions? Preconditions { get; set; }

    /// <summary>Background, Foreground or Orphan.</summary>
    public string? PropagationPolicy { get; set; }
}

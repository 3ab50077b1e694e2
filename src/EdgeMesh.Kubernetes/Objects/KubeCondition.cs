namespace EdgeMesh.Kubernetes.Objects;

/// <summary>A condition of a node or a pod.</summary>
public sealed class KubeCondition
{
    /// <summary>Ready and others.</summary>
    public string Type { get; set; } = "";

    /// <summary>True, False or Unknown.</summary>
    public string Status { get; set; } = "";

    /// <summary>One word for programs.</summary>
    public string? Reason { get; set; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; set; }
}

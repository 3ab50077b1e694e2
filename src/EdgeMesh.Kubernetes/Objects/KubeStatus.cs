namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Status</c>: how the API server says no.</summary>
internal sealed class KubeStatus
{
    /// <summary>A sentence for people.</summary>
    public string? Message { get; set; }

    /// <summary>One word for programs: NotFound, AlreadyExists, Conflict, Expired, Forbidden.</summary>
    public string? Reason { get; set; }

    /// <summary>The HTTP status code.</summary>
    public int Code { get; set; }
}

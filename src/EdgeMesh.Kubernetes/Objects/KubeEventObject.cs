namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Event</c>: what happened to an object, as <c>kubectl describe</c> shows it.</summary>
public sealed class KubeEventObject : KubeObject
{
    /// <summary>Whose event it is.</summary>
    public KubeObjectReference? InvolvedObject { get; set; }

    /// <summary>One word for programs, CamelCase.</summary>
    public string? Reason { get; set; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; set; }

    /// <summary>Normal or Warning.</summary>
    public string? Type { get; set; }

    /// <summary>How often it happened.</summary>
    public int? Count { get; set; }

    /// <summary>When first, RFC 3339.</summary>
    public string? FirstTimestamp { get; set; }

    /// <summary>When last, RFC 3339.</summary>
    public string? LastTimestamp { get; set; }

    /// <summary>Who says so.</summary>
    public KubeEventSource? Source { get; set; }

    /// <summary>Who says so, in newer words.</summary>
    public string? ReportingComponent { get; set; }

    /// <summary>Which instance of it.</summary>
    public string? ReportingInstance { get; set; }
}

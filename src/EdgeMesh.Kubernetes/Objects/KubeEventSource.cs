namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>source</c> of an event.</summary>
public sealed class KubeEventSource
{
    /// <summary>The program.</summary>
    public string? Component { get; set; }

    /// <summary>The node it runs on, if that matters.</summary>
    public string? Host { get; set; }
}

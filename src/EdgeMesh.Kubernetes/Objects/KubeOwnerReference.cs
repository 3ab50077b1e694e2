namespace EdgeMesh.Kubernetes.Objects;

/// <summary>An object's owner.</summary>
public sealed class KubeOwnerReference
{
    /// <summary>The owner's group and version.</summary>
    public string ApiVersion { get; set; } = "";

    /// <summary>The owner's kind.</summary>
    public string Kind { get; set; } = "";

    /// <summary>The owner's name.</summary>
    public string Name { get; set; } = "";

    /// <summary>The owner's uid.</summary>
    public string Uid { get; set; } = "";

    /// <summary>Is it the controller that made the object?</summary>
    public bool? Controller { get; set; }
}

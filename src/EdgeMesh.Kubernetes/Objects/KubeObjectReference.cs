namespace EdgeMesh.Kubernetes.Objects;

/// <summary>Names an object.</summary>
public sealed class KubeObjectReference
{
    /// <summary>Group and version.</summary>
    public string? ApiVersion { get; set; }

    /// <summary>Kind.</summary>
    public string? Kind { get; set; }

    /// <summary>Namespace; null for objects of the whole cluster.</summary>
    public string? Namespace { get; set; }

    /// <summary>Name.</summary>
    public string? Name { get; set; }

    /// <summary>Uid. Events of nodes have the node's name here: <c>kubectl describe node</c> looks for that.</summary>
    public string? Uid { get; set; }

    /// <summary>A node, as events name it.</summary>
    /// <param name="name">The node's name.</param>
    /// <returns>The reference.</returns>
    public static KubeObjectReference ToNode(string name) => new() { Kind = "Node", Name = name, Uid = name };
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Node</c>.</summary>
public sealed class KubeNode : KubeObject
{
    /// <summary>What the node should be.</summary>
    public KubeNodeSpec? Spec { get; set; }

    /// <summary>What its kubelet says.</summary>
    public KubeNodeStatus? Status { get; set; }
}

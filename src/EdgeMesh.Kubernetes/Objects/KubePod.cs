namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Pod</c>.</summary>
public sealed class KubePod : KubeObject
{
    /// <summary>What the pod should be.</summary>
    public KubePodSpec? Spec { get; set; }

    /// <summary>What its kubelet says.</summary>
    public KubePodStatus? Status { get; set; }
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>coordination.k8s.io/v1 Lease</c>.</summary>
public sealed class KubeLease : KubeObject
{
    /// <summary>Who holds it, and since when.</summary>
    public KubeLeaseSpec? Spec { get; set; }
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>apps/v1 DaemonSet</c>.</summary>
public sealed class KubeDaemonSet : KubeObject
{
    /// <summary>What should run.</summary>
    public KubeDaemonSetSpec? Spec { get; set; }

    /// <summary>What runs.</summary>
    public KubeDaemonSetStatus? Status { get; set; }
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Pod</c>.</summary>
public sealed class KubePod : KubeObject
{
    /// <summary>What the pod should be.</summary>
    public KubePodSpec? Spec { get; set; }

    /// <summary>What its kubelet says.</summary>
    public KubePodStatus? Status { get; set; }

    private protected override string? FindOwnFault() => (Spec, Status) switch
    {
        _ when HasNull(Spec?.Containers) => "an entry of 'spec.containers' is null",
        _ when HasNull(Status?.PodIps) => "an entry of 'status.podIPs' is null",
        _ when HasNull(Status?.Conditions) => "an entry of 'status.conditions' is null",
        _ when HasNull(Status?.ContainerStatuses) => "an entry of 'status.containerStatuses' is null",
        _ => null,
    };
}

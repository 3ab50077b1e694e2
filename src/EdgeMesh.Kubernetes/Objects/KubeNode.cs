namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Node</c>.</summary>
public sealed class KubeNode : KubeObject
{
    /// <summary>What the node should be.</summary>
    public KubeNodeSpec? Spec { get; set; }

    /// <summary>What its kubelet says.</summary>
    public KubeNodeStatus? Status { get; set; }

    private protected override string? FindOwnFault() => (Spec, Status) switch
    {
        _ when HasNull(Spec?.PodCidrs) => "an entry of 'spec.podCIDRs' is null",
        _ when HasNull(Status?.Addresses) => "an entry of 'status.addresses' is null",
        _ when HasNull(Status?.Conditions) => "an entry of 'status.conditions' is null",
        _ => null,
    };
}

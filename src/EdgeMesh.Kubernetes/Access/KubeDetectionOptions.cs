using System;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>
/// What <see cref="KubeAccess.DetectAsync"/> may look at. What is given explicitly is taken, and nothing else is tried.
/// </summary>
public sealed record KubeDetectionOptions
{
    /// <summary>A kubeconfig that the operator named, or null.</summary>
    public string? Kubeconfig { get; init; }

    /// <summary>The context in it; null: its current one.</summary>
    public string? Context { get; init; }

    /// <summary>
    /// A metaServer that the operator named, or null: <see cref="KubeAccess.MetaServerDefault"/> is tried.
    /// </summary>
    public Uri? MetaServer { get; init; }

    /// <summary>Files for metaServer over HTTPS.</summary>
    public KubeTlsFiles? MetaServerTls { get; init; }

    /// <summary>The own node's name, whose label tells edge from cloud; null: not asked for.</summary>
    public string? NodeName { get; init; }

    /// <summary>May KUBECONFIG and ~/.kube/config be used? For people's workstations, not for agents.</summary>
    public bool UsesDefaultKubeconfig { get; init; }

    /// <summary>Longest wait for an answer of each place.</summary>
    public TimeSpan ProbeTimeLimit { get; init; } = TimeSpan.FromSeconds(3);
}

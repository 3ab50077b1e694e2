using System;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>What a process sees of its surroundings.</summary>
/// <param name="Variable">Reads an environment variable; null if it is not set.</param>
/// <param name="ServiceAccountDirectory">Where the kubelet puts a pod's token.</param>
internal sealed record KubeEnvironment(Func<string, string?> Variable, string ServiceAccountDirectory)
{
    /// <summary>Of this process.</summary>
    internal static KubeEnvironment OfProcess { get; } =
        new(Environment.GetEnvironmentVariable, "/var/run/secrets/kubernetes.io/serviceaccount");
}

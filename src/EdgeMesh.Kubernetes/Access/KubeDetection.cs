namespace EdgeMesh.Kubernetes.Access;

/// <summary>What <see cref="KubeAccess.DetectAsync"/> found.</summary>
/// <param name="Access">The way to the API; null if there is none now.</param>
/// <param name="Reason">Why this one, or what was tried in vain and what to do; one sentence for the log.</param>
public sealed record KubeDetection(KubeAccess? Access, string Reason);

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 Namespace</c>. The uid of <c>kube-system</c> is the cluster's id.</summary>
public sealed class KubeNamespace : KubeObject;

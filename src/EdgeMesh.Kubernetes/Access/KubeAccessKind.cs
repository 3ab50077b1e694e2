namespace EdgeMesh.Kubernetes.Access;

/// <summary>Where the way to the API was found.</summary>
public enum KubeAccessKind
{
    /// <summary>A pod's service account.</summary>
    InCluster,

    /// <summary>A kubeconfig file.</summary>
    Kubeconfig,

    /// <summary>KubeEdge's metaServer on this node: answers come from a cache when the cloud can't be reached.</summary>
    MetaServer,
}

namespace EdgeMesh.Kubernetes.Access;

/// <summary>Where the way to the API was found.</summary>
public enum KubeAccessKind
{
    /// <summary>A pod's service account.</summary>
    InCluster,

    /// <summary>A kubeconfig file.</summary>
    Kubeconfig,

    /// <summary>KubeEdge's metaServer: answers come from a cache while the cloud can't be reached.</summary>
    MetaServer,
}

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>The kinds of objects that the mesh reads or writes.</summary>
public static class KubeResources
{
    /// <summary>Nodes.</summary>
    public static KubeResource<KubeNode> Nodes { get; } =
        new("", "v1", "nodes", "Node", isNamespaced: false, KubeJson.Default.KubeNode);

    /// <summary>Pods.</summary>
    public static KubeResource<KubePod> Pods { get; } =
        new("", "v1", "pods", "Pod", isNamespaced: true, KubeJson.Default.KubePod);

    /// <summary>ConfigMaps.</summary>
    public static KubeResource<KubeConfigMap> ConfigMaps { get; } =
        new("", "v1", "configmaps", "ConfigMap", isNamespaced: true, KubeJson.Default.KubeConfigMap);

    /// <summary>Events.</summary>
    public static KubeResource<KubeEventObject> Events { get; } =
        new("", "v1", "events", "Event", isNamespaced: true, KubeJson.Default.KubeEventObject);

    /// <summary>Namespaces.</summary>
    public static KubeResource<KubeNamespace> Namespaces { get; } =
        new("", "v1", "namespaces", "Namespace", isNamespaced: false, KubeJson.Default.KubeNamespace);

    /// <summary>DaemonSets.</summary>
    public static KubeResource<KubeDaemonSet> DaemonSets { get; } =
        new("apps", "v1", "daemonsets", "DaemonSet", isNamespaced: true, KubeJson.Default.KubeDaemonSet);

    /// <summary>Leases.</summary>
    public static KubeResource<KubeLease> Leases { get; } =
        new("coordination.k8s.io", "v1", "leases", "Lease", isNamespaced: true, KubeJson.Default.KubeLease);
}

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Which objects to list or watch.</summary>
public abstract record KubeListOptions
{
    /// <summary>As kubectl's -l; null: all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As kubectl's --field-selector; null: all. At metaServer only name and namespace work offline.</summary>
    public string? FieldSelector { get; init; }
}

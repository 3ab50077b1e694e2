namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Which page of which objects.</summary>
public sealed record KubePageOptions : KubeListOptions
{
    /// <summary>Most objects of a page; 0: all in one. metaServer ignores it.</summary>
    public int Limit { get; init; } = 500;

    /// <summary><see cref="KubePage{T}.Continue"/> of the page before, or null.</summary>
    public string? Continue { get; init; }

    /// <summary>"0": what the server has in memory, maybe old; null: the newest.</summary>
    public string? ResourceVersion { get; init; }
}

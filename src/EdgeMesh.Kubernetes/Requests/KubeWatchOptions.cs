using System;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>Which changes to wait for.</summary>
public sealed record KubeWatchOptions : KubeListOptions
{
    /// <summary>Changes after this one; null or empty: first all objects as Added, then changes.</summary>
    public string? ResourceVersion { get; init; }

    /// <summary>
    /// When the server ends the watch. The client ends it itself a request's time limit later, so a watch that is dead
    /// ends too.
    /// </summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(300);
}

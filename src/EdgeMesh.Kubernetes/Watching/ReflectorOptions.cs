using System;

namespace EdgeMesh.Kubernetes.Watching;

/// <summary>What a reflector follows, and how.</summary>
public sealed record ReflectorOptions
{
    /// <summary>Namespace; null for all, and for objects of the whole cluster.</summary>
    public string? Namespace { get; init; }

    /// <summary>As kubectl's -l; null: all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>As kubectl's --field-selector; null: all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>Objects a page of a list: a page is in memory as a whole, and a pod is 2 to 10 KB.</summary>
    public int PageObjects { get; init; } = 250;

    /// <summary>Shortest watch.</summary>
    public TimeSpan WatchMin { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Longest watch. Each is as long as chance wants between the two, then a new one begins: a watch that metaServer
    /// opened while the cloud could not be reached never says anything.
    /// </summary>
    public TimeSpan WatchMax { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>List again after so long even if the watch works; null: only when needed.</summary>
    public TimeSpan? RelistInterval { get; init; }

    /// <summary>First wait after a failure.</summary>
    public TimeSpan BackOffMin { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Longest wait after failures in a row; each wait is between half of it and the whole.</summary>
    public TimeSpan BackOffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Is a DELETED event checked by GET before it is told? Null: only at metaServer, which says so of
    /// live objects too.
    /// </summary>
    public bool? ConfirmsDeletions { get; init; }
}

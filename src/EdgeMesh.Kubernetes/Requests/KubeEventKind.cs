namespace EdgeMesh.Kubernetes.Requests;

/// <summary>What a watch says.</summary>
public enum KubeEventKind
{
    /// <summary>The watch is open: the server has answered. Not an event of the API.</summary>
    Opened,

    /// <summary>An object is there.</summary>
    Added,

    /// <summary>An object has changed.</summary>
    Modified,

    /// <summary>An object was deleted. metaServer may say so of objects that live.</summary>
    Deleted,

    /// <summary>Nothing changed up to this resourceVersion; the object has only that.</summary>
    Bookmark,

    /// <summary>An object changed and can't be read.</summary>
    Malformed,

    /// <summary>The watch could not be opened or has failed; the last event.</summary>
    Failed,
}

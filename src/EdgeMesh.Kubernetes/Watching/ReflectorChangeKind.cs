namespace EdgeMesh.Kubernetes.Watching;

/// <summary>What a reflector tells its owner.</summary>
public enum ReflectorChangeKind
{
    /// <summary>An object is there, new or changed. The same may come again: be idempotent.</summary>
    Present,

    /// <summary>An object was deleted, by an event of the API (confirmed by GET at metaServer).</summary>
    Deleted,

    /// <summary>
    /// An object that was there is not in a new complete list, or its deletion could not be confirmed. This proves
    /// nothing yet: confirm by <see cref="Requests.KubeResponse{T}.ProvesAbsence"/>, or keep it. It is told again with
    /// each list until <see cref="Reflector{T}.Forget"/>.
    /// </summary>
    Missing,

    /// <summary>An object is there and can't be read: keep what was known of it, and tell the operator.</summary>
    Malformed,

    /// <summary>A whole list has been told (Present, Malformed, Missing came before).</summary>
    Listed,

    /// <summary>A watch is open: what changes from now on is told.</summary>
    Watching,

    /// <summary>A list or watch failed; it is tried again by itself. For status and log.</summary>
    Failed,
}

namespace EdgeMesh.Tunnel.Paths;

/// <summary>What can be asked of the worker that has a path.</summary>
internal enum PathOrderKind
{
    /// <summary>Send a probe now and report its answer.</summary>
    Probe,

    /// <summary>Send nothing more on it, say so to the peer, and close it when the peer has said the same.</summary>
    Retire,

    /// <summary>Close it at once.</summary>
    Close,
}

namespace EdgeMesh.Tunnel.Paths;

/// <summary>Where a path stands.</summary>
internal enum PathState
{
    /// <summary>Its connection is there; the peer's Hello or the first answer to a probe is not.</summary>
    Candidate,

    /// <summary>It carried a probe there and back: packets pass.</summary>
    Ready,

    /// <summary>One of the ends said that it sends nothing more on it; it closes when both have.</summary>
    Draining,
}

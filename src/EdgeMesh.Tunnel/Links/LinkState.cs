namespace EdgeMesh.Tunnel.Links;

/// <summary>Where a link to a peer stands.</summary>
public enum LinkState
{
    /// <summary>The mesh document names no address: we wait for the peer to dial us.</summary>
    NoAddress,

    /// <summary>A dial is under way.</summary>
    Connecting,

    /// <summary>The last dial failed; the next waits for its time.</summary>
    Backoff,

    /// <summary>A connection is there, but no packet has passed yet.</summary>
    Warming,

    /// <summary>Packets pass: a probe went there and back.</summary>
    Connected,

    /// <summary>A connection is there, but probes over it are not answered any more.</summary>
    Stalled,
}

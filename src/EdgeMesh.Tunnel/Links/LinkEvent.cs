namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// What happens before a connection is a path; how paths end, <see cref="Paths.PathEnding"/> says. Each is one label of
/// <c>edgemesh_connection_events_total</c>.
/// </summary>
internal enum LinkEvent
{
    /// <summary>A peer's connection was accepted.</summary>
    Accepted,

    /// <summary>A connection that we dialed is there.</summary>
    Dialed,

    /// <summary>No address of the peer answered in time.</summary>
    DialFailed,

    /// <summary>The peer id is not in the mesh document.</summary>
    Stranger,

    /// <summary>Another peer answered than the one dialed.</summary>
    WrongPeer,

    /// <summary>The handshake did not end within its time.</summary>
    HandshakeTimeout,

    /// <summary>Bytes that are no handshake.</summary>
    HandshakeMalformed,

    /// <summary>The identity's signature over the handshake key is wrong.</summary>
    BadSignature,

    /// <summary>The far end closed before the handshake ended.</summary>
    HandshakeClosed,

    /// <summary>The far end speaks none of our protocols.</summary>
    NoCommonProtocol,

    /// <summary>Too many handshakes at once: the oldest was ended for a newer one.</summary>
    HandshakeEvicted,

    /// <summary>The peer had as many connections as it may have: this one was closed.</summary>
    TooMany,
}

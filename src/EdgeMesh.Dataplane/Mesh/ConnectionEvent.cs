namespace EdgeMesh.Dataplane.Mesh;

/// <summary>
/// What happens to connections; each is one counter and one label of <c>edgemesh_connection_events_total</c>.
/// </summary>
internal enum ConnectionEvent
{
    /// <summary>A peer's connection was accepted.</summary>
    Accepted,

    /// <summary>A connection that we dialed is in use.</summary>
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

    /// <summary>Both ends dialed at once, or the peer came back: one connection of two was closed.</summary>
    Replaced,

    /// <summary>The peer left the mesh document.</summary>
    Removed,

    /// <summary>We closed it because this process ends.</summary>
    Closed,

    /// <summary>An established connection was closed by its far end.</summary>
    RemoteClosed,

    /// <summary>An established connection gave no sign of life.</summary>
    KeepAliveTimeout,

    /// <summary>A peer broke a protocol: Noise, yamux or the tunnel stream.</summary>
    ProtocolError,

    /// <summary>A fault of ours ended it; the log says which.</summary>
    InternalError,

    /// <summary>The socket of an established connection failed.</summary>
    TransportError,
}

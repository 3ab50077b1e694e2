namespace EdgeMesh.Libp2p.Connections;

/// <summary>How a stream ended.</summary>
public enum StreamEnd
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>The peer wrote its last byte; nothing is lost.</summary>
    RemoteFinished,

    /// <summary>We closed it.</summary>
    Closed,

    /// <summary>We reset it.</summary>
    Reset,

    /// <summary>The peer reset it.</summary>
    RemoteReset,

    /// <summary>The peer refused the protocol.</summary>
    ProtocolRefused,

    /// <summary>The peer's negotiation was not multistream-select.</summary>
    NegotiationFailed,

    /// <summary>The negotiation took too long.</summary>
    NegotiationTimeout,

    /// <summary>The peer sent data after it had finished.</summary>
    DataAfterFinish,

    /// <summary>Our side left more unread than a connection may hold.</summary>
    UnreadOverflow,

    /// <summary>Our side finished, the peer did not in time.</summary>
    LingerTimeout,

    /// <summary>The connection ended.</summary>
    ConnectionEnded,
}

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Why a connection ended; each is one label of a counter.</summary>
public enum CloseReason
{
    /// <summary>It has not.</summary>
    None = 0,

    /// <summary>We closed it in order.</summary>
    Closed,

    /// <summary>We ended it at once.</summary>
    Aborted,

    /// <summary>Both sides dialed at once; the other connection was kept.</summary>
    Replaced,

    /// <summary>The peer is no member of the mesh any more.</summary>
    Unwelcome,

    /// <summary>The peer closed the connection: it said that it goes away, or closed the transport between two
    /// messages.</summary>
    RemoteClosed,

    /// <summary>The peer closed the transport inside a message.</summary>
    Truncated,

    /// <summary>The transport failed, for instance a TCP reset.</summary>
    TransportFailed,

    /// <summary>The peer sent go-away 1: it says that we broke the protocol.</summary>
    RemoteProtocolError,

    /// <summary>The peer sent go-away 2, or a code that nobody defined.</summary>
    RemoteInternalError,

    /// <summary>The peer did not answer a ping, nor send anything else.</summary>
    KeepAliveTimeout,

    /// <summary>The transport took nothing for too long: the peer doesn't read.</summary>
    WriteTimeout,

    /// <summary>A Noise message failed its authentication or was too short.</summary>
    DecryptFailure,

    /// <summary>A yamux version other than 0.</summary>
    UnknownVersion,

    /// <summary>A yamux frame of an unknown type.</summary>
    UnknownFrameType,

    /// <summary>A yamux frame of a stream on the session, or the reverse.</summary>
    WrongStreamZero,

    /// <summary>The peer opened a stream with an id that is ours to use.</summary>
    WrongParity,

    /// <summary>The peer opened a stream twice.</summary>
    StreamIdReused,

    /// <summary>The peer sent more than it was granted.</summary>
    WindowOverrun,

    /// <summary>The peer granted more than a window can hold.</summary>
    WindowOverflow,

    /// <summary>The peer sent pings faster than it read the answers.</summary>
    PingFlood,

    /// <summary>The peer opened streams faster than it read the answers.</summary>
    OpenFlood,

    /// <summary>The peer broke the protocol of a stream, and who consumes the stream said so.</summary>
    ProtocolViolation,

    /// <summary>A consumer or handler of ours failed in a way it must not.</summary>
    InternalError,
}

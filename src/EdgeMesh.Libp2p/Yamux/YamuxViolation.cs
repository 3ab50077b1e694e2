namespace EdgeMesh.Libp2p.Yamux;

/// <summary>How a peer broke the protocol so that the session can't go on.</summary>
public enum YamuxViolation
{
    /// <summary>It did not.</summary>
    None = 0,

    /// <summary>The version byte is not 0.</summary>
    UnknownVersion,

    /// <summary>The type is none of the four.</summary>
    UnknownFrameType,

    /// <summary>Stream 0 on a stream's frame, or another stream on a session's frame.</summary>
    WrongStreamZero,

    /// <summary>The peer opened a stream with an id of our parity.</summary>
    WrongParity,

    /// <summary>The peer opened a stream whose id was used before.</summary>
    StreamIdReused,

    /// <summary>More payload than we granted.</summary>
    WindowOverrun,

    /// <summary>The peer granted more than 2^32 - 1 bytes.</summary>
    WindowOverflow,

    /// <summary>More pings than <see cref="YamuxLimits.PendingPongsMax"/> before our answers could leave.</summary>
    PingFlood,

    /// <summary>More opens than <see cref="YamuxLimits.PendingRefusalsMax"/> or
    /// <see cref="YamuxLimits.PendingStreamsMax"/> before our answers could leave.</summary>
    OpenFlood,
}

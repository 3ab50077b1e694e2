using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>What the multiplexer calls the end of a connection, and what we call it.</summary>
internal static class CloseReasons
{
    /// <summary>The reason that says the same.</summary>
    public static CloseReason Of(YamuxViolation violation) => violation switch
    {
        YamuxViolation.UnknownVersion => CloseReason.UnknownVersion,
        YamuxViolation.UnknownFrameType => CloseReason.UnknownFrameType,
        YamuxViolation.WrongStreamZero => CloseReason.WrongStreamZero,
        YamuxViolation.WrongParity => CloseReason.WrongParity,
        YamuxViolation.StreamIdReused => CloseReason.StreamIdReused,
        YamuxViolation.WindowOverrun => CloseReason.WindowOverrun,
        YamuxViolation.WindowOverflow => CloseReason.WindowOverflow,
        YamuxViolation.PingFlood => CloseReason.PingFlood,
        YamuxViolation.OpenFlood => CloseReason.OpenFlood,
        _ => CloseReason.InternalError,
    };

    /// <summary>What we tell the peer when we end a connection for that reason.</summary>
    public static YamuxGoAwayCode CodeOf(CloseReason reason) => reason switch
    {
        CloseReason.ProtocolViolation => YamuxGoAwayCode.ProtocolError,
        CloseReason.InternalError => YamuxGoAwayCode.InternalError,
        _ => YamuxGoAwayCode.Normal,
    };
}

using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p;

/// <summary>What a violation of the multiplexer's protocol is called when it ends a connection.</summary>
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
}

using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>Sizes and counts of a yamux session. Bytes, unless the name says otherwise.</summary>
public static class YamuxLimits
{
    /// <summary>What both sides may send on a new stream (yamux specification, "Flow Control").</summary>
    public const int InitialWindowBytes = 256 * 1024;

    /// <summary>What an ordinary stream's window grows to: as go-yamux and js-yamux do.</summary>
    public const int WindowBytesMax = 16 * 1024 * 1024;

    /// <summary>What a tunnel stream grants at once: at 10 Gbit/s this is 6.7 ms of loaded round trip.</summary>
    public const int TunnelWindowBytes = 8 * 1024 * 1024;

    /// <summary>What all windows of a session may grow beyond their initial size, together.</summary>
    public const int WindowGrowthBytesMax = 32 * 1024 * 1024;

    /// <summary>Payload of a data frame that fills one Noise message (65519) together with its header.</summary>
    public const int PayloadBytesMax = 65519 - YamuxHeader.SizeBytes;

    /// <summary>Streams we opened that the peer has not acknowledged (yamux specification, "Backlog").</summary>
    public const int UnacknowledgedStreamsMax = 256;

    /// <summary>Streams that the peer may have open at once: 256 initial windows are 64 MiB.</summary>
    public const int InboundStreamsMax = 256;

    /// <summary>Streams that we have open at once.</summary>
    public const int OutboundStreamsMax = 1024;

    /// <summary>Pings that wait for their answer to leave. An honest peer has one on its way.</summary>
    public const int PendingPongsMax = 256;

    /// <summary>Refused streams whose reset waits to leave; a peer that keeps the backlog limit can't exceed
    /// it.</summary>
    public const int PendingRefusalsMax = UnacknowledgedStreamsMax;

    /// <summary>Streams, ended ones among them, whose next frame waits to leave. Beyond all open streams there is room
    /// for twice the backlog, which an honest peer can't exceed while it hears nothing from us.</summary>
    public const int PendingStreamsMax =
        InboundStreamsMax + OutboundStreamsMax + (2 * UnacknowledgedStreamsMax);

    /// <summary>A window grows if it was used up within so many round trips (go-yamux).</summary>
    public const int GrowthRoundTrips = 4;

    /// <summary>How much longer than the end that dialed the other one waits before it pings: a quarter. So one ping
    /// each interval keeps both ends content.</summary>
    public const int PatienceDivisor = 4;

    /// <summary>
    /// Silence of a peer before we ping it. With <see cref="KeepAliveTimeout"/>, a peer that vanished is noticed within
    /// 5.5 s by the end that dialed, which can dial again, and 6 s by the other (go-yamux: 40 s). A ping and its answer
    /// are 220 bytes on the underlay: 9 MB a day for an idle connection.
    /// </summary>
    public static readonly TimeSpan KeepAliveInterval = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A peer is gone if for so long after a ping neither it nor its kernel was heard. At 60 ms of round trip TCP sends
    /// a lost segment again after 0.1, 0.4, 0.9 and 1.9 s: at 5 % loss each way all five are lost once in three days,
    /// at 2 % once in half a year.
    /// </summary>
    public static readonly TimeSpan KeepAliveTimeout = TimeSpan.FromSeconds(3.5);

    /// <summary>A peer that doesn't answer for so long is gone, though its kernel acknowledges: its process stands
    /// still. Meanwhile the ping is repeated each <see cref="KeepAliveInterval"/>, so that there is something to
    /// acknowledge. On a path of 110 kbit/s an answer may stand so long behind 400 KiB that wait to leave.</summary>
    public static readonly TimeSpan UnansweredMax = TimeSpan.FromSeconds(30);

    /// <summary>A peer that is never silent is pinged so often, to measure the round trip.</summary>
    public static readonly TimeSpan MeasureInterval = TimeSpan.FromSeconds(30);

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte TunnelWindowIsLarger = TunnelWindowBytes >= InitialWindowBytes ? 0 : -1;
}

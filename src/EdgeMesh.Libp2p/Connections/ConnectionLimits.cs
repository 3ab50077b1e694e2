using System;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Sizes, counts and times of a connection. Bytes, unless the name says otherwise.</summary>
public static class ConnectionLimits
{
    /// <summary>Largest message on the transport: length, ciphertext and tag.</summary>
    public const int MessageBytesMax = NoiseLimits.LengthBytes + NoiseLimits.MessageBytesMax;

    /// <summary>Written and not handed to the transport's flush yet. Four full messages: enough to fill a socket's send
    /// buffer in one go, and 2 ms at 1 Gbit/s for a packet behind them.</summary>
    public const int UnflushedBytesMax = 256 * 1024;

    /// <summary>Room for frames without payload beyond <see cref="UnflushedBytesMax"/>: window updates and pongs must
    /// leave while data waits.</summary>
    public const int ControlReserveBytes = 16 * 1024;

    /// <summary>Payload of one frame of an ordinary stream: small, so that a packet never waits long behind
    /// it.</summary>
    public const int OrdinaryFrameBytesMax = 16 * 1024;

    /// <summary>What ordinary streams may write before inline streams get their turn: half of the output.</summary>
    public const int OrdinaryTurnBytesMax = UnflushedBytesMax / 2;

    /// <summary>What an ordinary stream's writer may leave unsent before it has to wait.</summary>
    public const int UnsentBytesMax = 64 * 1024;

    /// <summary>What all ordinary streams may hold unread, together; a stream beyond it is reset.</summary>
    public const int UnreadBytesMax = 32 * 1024 * 1024;

    /// <summary>Streams that a peer may open in a burst, and again after a rest; more are reset unread.</summary>
    public const int OpenedBurst = 1024;

    /// <summary>Streams of the peer that negotiate their protocol at once.</summary>
    public const int NegotiationsMax = 128;

    /// <summary>Handlers that run at once, those included whose stream is over.</summary>
    public const int HandlersMax = 512;

    /// <summary>How long a stream may negotiate (go-libp2p: 10 s).</summary>
    public static readonly TimeSpan NegotiationTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long a stream that we are done with waits for the peer to finish.</summary>
    public static readonly TimeSpan LingerTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long the transport may take nothing: <see cref="UnflushedBytesMax"/> at 35 kbit/s.</summary>
    public static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long an orderly close waits for its last bytes to leave.</summary>
    public static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Longest sleep of a connection's clock: how late a timeout may be that was set while it slept. The
    /// keep-alive wakes it more often anyway.</summary>
    public static readonly TimeSpan TickMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// After a burst, so often one more: each costs about 2 KB and a negotiation on the packets' thread.
    /// </summary>
    public static readonly TimeSpan OpenedInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>Shortest sleep of a connection's clock.</summary>
    public static readonly TimeSpan TickMin = TimeSpan.FromMilliseconds(1);

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte FullFrameFitsOneMessage =
        YamuxLimits.PayloadBytesMax + YamuxHeader.SizeBytes <= NoiseLimits.PlaintextBytesMax ? 0 : -1;
}

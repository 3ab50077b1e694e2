using System;

namespace EdgeMesh.Io.Sockets;

/// <summary>What a TCP connection may hold, here and in the kernel.</summary>
public static class TcpLimits
{
    /// <summary>Largest Noise message with its length field: the largest piece that a reader or writer needs whole.</summary>
    public const int MessageBytes = 2 + 65535;

    /// <summary>Capacity of the receive buffer, bytes: two Noise messages, rounded up to whole pages.</summary>
    public const int ReceiveBytes = 33 * 4096;

    /// <summary>The receive buffer before a peer has filled it once, bytes: enough for every handshake.</summary>
    public const int ReceiveBytesFirst = 4096;

    /// <summary>One send buffer, bytes: two Noise messages, rounded up to whole pages.</summary>
    public const int SendBufferBytes = ReceiveBytes;

    /// <summary>Send buffers of one connection at once; who writes on without waiting for a flush ends here.</summary>
    public const int SendBuffersMax = 8;

    /// <summary>Bytes that may wait unsent in the kernel (TCP_NOTSENT_LOWAT): two full messages; the queue is ours.</summary>
    public const int NotSentLowWatermarkBytes = 128 * 1024;

    /// <summary>Accepted connections that wait for <see cref="TcpListener.AcceptAsync"/>.</summary>
    public const int AcceptedMax = 64;

    /// <summary>How long sent bytes may stay unacknowledged before the connection ends (TCP_USER_TIMEOUT).</summary>
    public static TimeSpan UserTimeout { get; } = TimeSpan.FromSeconds(20);

    /// <summary>Silence before the first keep-alive probe (TCP_KEEPIDLE).</summary>
    public static TimeSpan KeepAliveIdle { get; } = TimeSpan.FromSeconds(15);

    // Compile-time assertions: -1 does not fit a byte, so a false condition fails the build.
    internal const byte ReceiveBufferHoldsTwoMessages = ReceiveBytes >= 2 * MessageBytes ? 0 : -1;
}

using System;

namespace EdgeMesh.Io.Sockets;

/// <summary>Sizes and times of TCP connections.</summary>
public static class TcpLimits
{
    /// <summary>A Noise message with its length, the largest thing that must be whole in a buffer (Noise specification §3).</summary>
    public const int MessageBytes = 2 + 65535;

    /// <summary>Receive buffer of an established connection: two messages, so that one can arrive while one is handled.</summary>
    public const int ReceiveBytes = 2 * MessageBytes;

    /// <summary>Receive buffer while a connection's far end has not proven who it is: handshake messages are short.</summary>
    public const int HandshakeReceiveBytes = 4096;

    /// <summary>Bytes that a writer may have waiting without its flush waiting: none, so that packets gather where flows are kept apart.</summary>
    public const int PauseBytes = 0;

    /// <summary>Send buffer; it is there only while something waits to be sent.</summary>
    public const int SendBytes = 10 * MessageBytes;

    /// <summary>Bytes that wait unsent in the socket (TCP_NOTSENT_LOWAT): the queue that stands is ours, where flows are kept apart.</summary>
    public const int NotSentBytes = 128 * 1024;

    /// <summary>Time that sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482).</summary>
    public static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Connections that wait to be accepted.</summary>
    public const int Backlog = 512;
}

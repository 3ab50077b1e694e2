using System;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>
/// Sizes and times of simulated sockets: those that the product sets on its TCP sockets, where it does.
/// </summary>
internal static class SocketLimits
{
    /// <summary>A Noise message with its length.</summary>
    public const int MessageBytes = 2 + 65535;

    /// <summary>Bytes that may be written before a flush (BufferLimits.SendBytes).</summary>
    public const int SendBytes = 5 * MessageBytes;

    /// <summary>Largest buffer of unread bytes (BufferLimits.ReceiveBytes).</summary>
    public const int ReceiveBytes = 2 * MessageBytes;

    /// <summary>Buffer of unread bytes at first (BufferLimits.HandshakeReceiveBytes).</summary>
    public const int HandshakeReceiveBytes = 4096;

    /// <summary>Connections that wait to be accepted (TcpLimits.Backlog).</summary>
    public const int Backlog = 512;

    /// <summary>First wait before a lost piece is sent again; it doubles (RFC 6298).</summary>
    public static readonly TimeSpan RetransmissionMin = TimeSpan.FromMilliseconds(200);

    /// <summary>Longest such wait.</summary>
    public static readonly TimeSpan RetransmissionMax = TimeSpan.FromSeconds(8);

    /// <summary>Time without progress after which the kernel gives up (TcpLimits.UserTimeout).</summary>
    public static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(20);

    /// <summary>Silence before the kernel asks whether the far end is there (TcpLimits.KeepAliveIdle).</summary>
    public static readonly TimeSpan KeepAliveIdle = TimeSpan.FromSeconds(15);

    /// <summary>How often a closed window is probed.</summary>
    public static readonly TimeSpan WindowProbeInterval = TimeSpan.FromSeconds(2);

    /// <summary>Time after which the kernel gives up a dial (Linux, tcp_syn_retries = 6).</summary>
    public static readonly TimeSpan DialTimeout = TimeSpan.FromSeconds(127);

    /// <summary>The wait after one that brought no answer.</summary>
    public static TimeSpan NextRetransmission(TimeSpan wait) =>
        wait * 2 < RetransmissionMax ? wait * 2 : RetransmissionMax;

    /// <summary>Whether the kernel gives a connection up.</summary>
    /// <param name="stuck">For how long what is sent was not acknowledged; zero if nothing is.</param>
    /// <param name="silence">For how long nothing was heard.</param>
    public static bool HasGivenUp(TimeSpan stuck, TimeSpan silence) =>
        stuck >= UserTimeout || silence >= KeepAliveIdle + UserTimeout;
}

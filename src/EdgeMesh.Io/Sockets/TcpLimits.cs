using System;

namespace EdgeMesh.Io.Sockets;

/// <summary>Sizes and times of TCP connections. Bytes, unless the name says otherwise.</summary>
public static class TcpLimits
{
    /// <summary>Bytes that wait unsent in the socket (TCP_NOTSENT_LOWAT): the queue that stands is ours.</summary>
    public const int NotSentBytes = 128 * 1024;

    /// <summary>
    /// The same on a short path, where a send is acknowledged before the next one is ready (decision 0014).
    /// </summary>
    public const int NotSentBytesOfShortPath = 32 * 1024;

    /// <summary>
    /// Bytes that wait to be read, on a short path (SO_RCVBUF): what stands there waits behind no flow queue. 20 Gbit/s
    /// at 0.1 ms are 250 KB.
    /// </summary>
    public const int ReceiveWindowBytesOfShortPath = 256 * 1024;

    /// <summary>
    /// Congestion control of a short path; elsewhere it is what the machine is set to. Every socket begins with it: one
    /// that began with bbr stays paced by the kernel's timers whatever it is switched to (Linux, sk_pacing_status).
    /// </summary>
    public const string CongestionControlOfShortPath = "cubic";

    /// <summary>Connections that wait to be accepted, in the kernel.</summary>
    public const int Backlog = 512;

    /// <summary>Accepted connections that wait to be taken; further ones stay in the kernel's backlog.</summary>
    public const int AcceptedMax = 64;

    /// <summary>Addresses that one name may bring, at most.</summary>
    public const int ResolvedMax = 16;

    /// <summary>Time that a name may take; the system's resolver may try for half a minute.</summary>
    public static readonly TimeSpan ResolveTimeMax = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Time that sent bytes may stay unacknowledged (TCP_USER_TIMEOUT, RFC 5482). The kernel also counts the time that
    /// a far end takes nothing because its process stands still, though it answers; so this is longer than the 33 s
    /// after which libp2p gives such a process up. Who must know earlier that a peer is gone asks it.
    /// </summary>
    public static readonly TimeSpan UserTimeout = TimeSpan.FromSeconds(40);

    /// <summary>
    /// Round trip of the TCP handshake up to which a path is short: a machine room, a site. Beyond it the receive
    /// window must follow the path, and losses are no sign of a full queue.
    /// </summary>
    public static readonly TimeSpan ShortPathRoundTripMax = TimeSpan.FromMilliseconds(2);

    /// <summary>
    /// Least time to wait for an acknowledgement on a short path, beside the round trip: the kernel's 200 ms are as
    /// long as a thousand round trips. Not less than what a far end may delay its acknowledgement by, 40 ms (Linux,
    /// TCP_DELACK_MIN), or frames that come alone would be sent twice.
    /// </summary>
    public static readonly TimeSpan RetransmissionMinOfShortPath = TimeSpan.FromMilliseconds(50);

    /// <summary>Silence before the kernel asks whether the far end is there (TCP_KEEPIDLE).</summary>
    public static readonly TimeSpan KeepAliveIdle = TimeSpan.FromSeconds(15);
}

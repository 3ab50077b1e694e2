using System;

namespace EdgeMesh.Libp2p.Ping;

/// <summary>Sizes, counts and times of ping.</summary>
public static class PingLimits
{
    /// <summary>Bytes of a ping (libp2p ping 1.0.0).</summary>
    public const int PayloadBytes = 32;

    /// <summary>Streams that a peer may ping us on at once (libp2p ping: two).</summary>
    public const int InboundStreamsMax = 2;

    /// <summary>Pings of a connection that are answered at once. What comes faster waits for its answer.</summary>
    public const int Burst = 64;

    /// <summary>After a burst, one ping of a connection is answered each 62.5 ms: sixteen times what an honest peer
    /// asks for. A peer that sends as fast as it can costs its node 2 kB/s.</summary>
    public static readonly TimeSpan AnswerInterval = TimeSpan.FromMilliseconds(62.5);

    /// <summary>How long a pinging peer may be silent (go-libp2p: 60 s), or an answer may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);
}

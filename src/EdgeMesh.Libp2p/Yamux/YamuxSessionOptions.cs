using System;

namespace EdgeMesh.Libp2p.Yamux;

/// <summary>What a session allows and how often it pings.</summary>
public sealed record YamuxSessionOptions
{
    /// <summary>Streams that the peer may have open at once.</summary>
    public int InboundStreamsMax { get; init; } = YamuxLimits.InboundStreamsMax;

    /// <summary>Streams that we may have open at once.</summary>
    public int OutboundStreamsMax { get; init; } = YamuxLimits.OutboundStreamsMax;

    /// <summary>Bytes that all windows may grow beyond their initial size, together.</summary>
    public long WindowGrowthBytesMax { get; init; } = YamuxLimits.WindowGrowthBytesMax;

    /// <summary>Window of a stream whose bytes are consumed in place, from the start.</summary>
    public int TunnelWindowBytes { get; init; } = YamuxLimits.TunnelWindowBytes;

    /// <summary>Silence of the peer before a ping; zero: none.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = YamuxLimits.KeepAliveInterval;

    /// <summary>How long a peer may go unheard after a ping.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = YamuxLimits.KeepAliveTimeout;
}

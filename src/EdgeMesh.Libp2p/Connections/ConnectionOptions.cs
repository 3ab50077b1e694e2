using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p.Yamux;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>What a connection serves, allows, and where it gets its time from.</summary>
public sealed record ConnectionOptions
{
    /// <summary>Ordinary protocols. The stream is finished when the handler's task completes, and reset if it
    /// fails.</summary>
    public IReadOnlyDictionary<string, Func<MuxedStream, CancellationToken, Task>> Handlers { get; init; } =
        new Dictionary<string, Func<MuxedStream, CancellationToken, Task>>(StringComparer.Ordinal);

    /// <summary>Told of a handler that failed with an exception nobody expected; its stream was reset.</summary>
    public Action<MuxedStream, Exception>? HandlerFailed { get; init; }

    /// <summary>Limits and keep-alive of the multiplexer.</summary>
    public YamuxSessionOptions Yamux { get; init; } = new();

    /// <summary>Clock and timers. A worker passes its loop's.</summary>
    public ConnectionTime Time { get; init; } = ConnectionTime.OfMachine;

    /// <summary>How long a stream may negotiate.</summary>
    public TimeSpan NegotiationTimeout { get; init; } = ConnectionLimits.NegotiationTimeout;

    /// <summary>How long a stream that we are done with waits for the peer.</summary>
    public TimeSpan LingerTimeout { get; init; } = ConnectionLimits.LingerTimeout;

    /// <summary>How long the transport may take nothing.</summary>
    public TimeSpan WriteTimeout { get; init; } = ConnectionLimits.WriteTimeout;

    /// <summary>What all ordinary streams may hold unread.</summary>
    public long UnreadBytesMax { get; init; } = ConnectionLimits.UnreadBytesMax;
}

using System;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>How a <see cref="FlowQueues"/> behaves.</summary>
public sealed record FlowQueueOptions
{
    /// <summary>
    /// Memory that a peer's queue may hold, bytes of slots: half of the default pool. A slot holds 64 KiB, whatever
    /// lies in it, so 4 MiB were 63 packets, and 64 TCP flows lost one after the other.
    /// </summary>
    public int BytesMax { get; init; } = 8 << 20;

    /// <summary>Waiting that is fine for ever (RFC 8289 §4.3: 5 ms).</summary>
    public TimeSpan Target { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// How long the waiting must stay above the target before anything happens (RFC 8289 §4.2: 100 ms).
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The defaults.</summary>
    public static FlowQueueOptions Default { get; } = new();
}

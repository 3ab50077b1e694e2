using System;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>How a <see cref="FlowQueues"/> behaves.</summary>
public sealed record FlowQueueOptions
{
    /// <summary>
    /// Memory that a peer's queue may hold, bytes of slots: half of the default pool. A slot may hold 64 KiB, whatever
    /// lies in it, so 4 MiB were 63 packets, and 64 TCP flows lost one after the other.
    /// </summary>
    public int BytesMax { get; init; } = 8 << 20;

    /// <summary>Waiting that is fine for ever (RFC 8289 §4.3: 5 ms).</summary>
    public TimeSpan Target { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// What each flow that takes turns adds to that: it may send an offloaded packet before, and 64 KiB at 2.5 Gbit/s
    /// take this long. Without it 64 flows were dropped from for waiting in turn. A slow path, where a packet takes
    /// longer, hardly notices.
    /// </summary>
    public TimeSpan TargetPerFlow { get; init; } = TimeSpan.FromMicroseconds(200);

    /// <summary>
    /// How long the waiting must stay above the target before anything happens (RFC 8289 §4.2: 100 ms).
    /// </summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The defaults.</summary>
    public static FlowQueueOptions Default { get; } = new();
}

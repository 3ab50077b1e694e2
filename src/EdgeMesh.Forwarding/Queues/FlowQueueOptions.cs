using System;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>How a <see cref="FlowQueues"/> behaves.</summary>
public sealed record FlowQueueOptions
{
    /// <summary>
    /// Waiting after which a packet is of no use if meanwhile nothing left its queue. After a second TCP sends again,
    /// even where it has no measure of the path (RFC 6298 §2.1), and so do DNS and ping; a path that only changes,
    /// such as LTE between two cells, is back before.
    /// </summary>
    public TimeSpan AgeMax { get; init; } = TimeSpan.FromSeconds(1);

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

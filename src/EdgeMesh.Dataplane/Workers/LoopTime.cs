using System;
using EdgeMesh.Io;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>A loop's clock and timers, for its connections.</summary>
internal sealed class LoopTime(EventLoop loop) : ConnectionTime
{
    /// <inheritdoc/>
    public override long Now => EventLoop.ReadNow().Nanoseconds;

    /// <inheritdoc/>
    public override ConnectionTimer CreateTimer(Action<object?> callback, object? state) =>
        new LoopConnectionTimer(loop.CreateTimer(callback, state));
}

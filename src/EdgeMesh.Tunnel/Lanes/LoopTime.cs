using System;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>A loop's clock and timers for the libp2p connections on it.</summary>
public sealed class LoopTime(Loop loop) : ConnectionTime
{
    /// <inheritdoc/>
    public override long Now => loop.ReadClock().Nanoseconds;

    /// <inheritdoc/>
    public override ConnectionTimer CreateTimer(Action<object?> callback, object? state) =>
        new Timer(loop.CreateTimer(callback, state));

    private sealed class Timer(LoopTimer timer) : ConnectionTimer
    {
        public override void Schedule(long due) => timer.Schedule(new Instant(due));

        public override void Cancel() => timer.Cancel();
    }
}

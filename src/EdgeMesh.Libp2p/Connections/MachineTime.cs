using System;
using System.Diagnostics;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Time of the machine, for threads that have no loop with timers of its own.</summary>
internal sealed class MachineTime : ConnectionTime
{
    public override long Now => Stopwatch.GetElapsedTime(0).Ticks * TimeSpan.NanosecondsPerTick;

    public override ConnectionTimer CreateTimer(Action<object?> callback, object? state) =>
        new MachineTimer(this, callback, state);
}

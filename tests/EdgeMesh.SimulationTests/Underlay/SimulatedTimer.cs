using System;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>A timer of a simulated loop.</summary>
internal sealed class SimulatedTimer(SimulatedNodeLoop loop, Action<object?> callback, object? state) : LoopTimer
{
    /// <summary>Entries of earlier schedules have a lower one.</summary>
    public long Version { get; private set; }

    public override void Schedule(Instant due)
    {
        loop.CheckOnLoop();
        Due = due;
        Version++;
        if (due != Instant.Never)
        {
            loop.AddTimer(this);
        }
    }

    public override void Cancel()
    {
        loop.CheckOnLoop();
        Due = Instant.Never;
        Version++;
    }

    internal void Fire()
    {
        Due = Instant.Never;
        callback(state);
    }
}

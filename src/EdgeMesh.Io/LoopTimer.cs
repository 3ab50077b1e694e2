using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Io;

/// <summary>A callback of a loop at an instant; of one thread, the loop's.</summary>
public sealed class LoopTimer
{
    internal LoopTimer()
    {
    }

    /// <summary>Whether it waits to run.</summary>
    public bool IsScheduled => throw new NotSupportedException();

    /// <summary>Runs the callback at <paramref name="due"/>, instead of when it was due before.</summary>
    public void Schedule(Instant due) => throw new NotSupportedException();

    /// <summary>Forgets what was scheduled.</summary>
    public void Cancel() => throw new NotSupportedException();
}

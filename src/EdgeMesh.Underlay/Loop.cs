using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;

namespace EdgeMesh.Underlay;

/// <summary>One thread's loop: its clock, its timers, and the way for other threads to reach it.</summary>
/// <remarks>
/// Everything of a node that belongs to a loop runs on its thread, one callback at a time. Awaits come back to it by
/// <see cref="Context"/>. Only <see cref="Post"/> may be called from other threads.
/// </remarks>
public abstract class Loop
{
    /// <summary>The time, read once in each iteration.</summary>
    public Instant Now { get; protected set; }

    /// <summary>Brings awaits back to this loop's thread.</summary>
    public abstract SynchronizationContext Context { get; }

    /// <summary>Called at the end of each iteration, before the loop decides whether it may sleep.</summary>
    /// <remarks>
    /// What it returns is part of that decision: true if something could be done now and was left for the next
    /// iteration. The loop then goes on without sleeping.
    /// </remarks>
    public Func<bool>? EndOfIteration { get; set; }

    /// <summary>Whether the caller is on the loop's thread.</summary>
    public abstract bool IsOnThread { get; }

    /// <summary>The time at this moment, for what is measured rather than scheduled.</summary>
    public abstract Instant ReadClock();

    /// <summary>
    /// Runs a callback in the next iteration, after those posted before. Safe from every thread; after the loop's end
    /// it never runs.
    /// </summary>
    public abstract void Post(Action<object?> callback, object? state);

    /// <summary>Makes a timer of this loop; it is not scheduled yet.</summary>
    public abstract LoopTimer CreateTimer(Action<object?> callback, object? state);

    /// <summary>Ends after a time. Called on the loop's thread; cancelled on any.</summary>
    public abstract ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellationToken);
}

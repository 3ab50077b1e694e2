using System;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>The clock and the timers that connections live by. A worker gives its loop's, a test its own.</summary>
public abstract class ConnectionTime
{
    /// <summary>The machine's clock; timers call back through the <see cref="System.Threading.SynchronizationContext"/>
    /// that they were made under.</summary>
    public static ConnectionTime OfMachine { get; } = new MachineTime();

    /// <summary>Monotonic time, nanoseconds.</summary>
    public abstract long Now { get; }

    /// <summary>Makes a timer; it is not scheduled yet.</summary>
    /// <param name="callback">Runs on the calling thread, from its loop: never inside another callback.</param>
    /// <param name="state">Handed to the callback.</param>
    public abstract ConnectionTimer CreateTimer(Action<object?> callback, object? state);

    /// <summary>The time after a span, nanoseconds.</summary>
    internal long After(TimeSpan span) => Now + NanosecondsOf(span);

    internal static long NanosecondsOf(TimeSpan span) => span.Ticks * TimeSpan.NanosecondsPerTick;
}

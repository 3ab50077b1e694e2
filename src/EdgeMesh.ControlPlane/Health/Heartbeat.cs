using System;
using System.Threading;

namespace EdgeMesh.ControlPlane.Health;

/// <summary>Shows that one task comes round. The task marks, anybody asks.</summary>
/// <param name="name">The task's name, for messages.</param>
/// <param name="silenceMax">How long it may take to come round, waits for others included.</param>
/// <param name="time">The clock.</param>
internal sealed class Heartbeat(string name, TimeSpan silenceMax, TimeProvider time)
{
    private long _marked = time.GetTimestamp();
    private int _isResting;

    /// <summary>The task's name.</summary>
    internal string Name { get; } = name;

    /// <summary>Has the task come round in its time, or has it nothing to do?</summary>
    internal bool IsAlive => Volatile.Read(ref _isResting) != 0
        || time.GetElapsedTime(Volatile.Read(ref _marked)) <= silenceMax;

    /// <summary>The task has come round.</summary>
    internal void Mark()
    {
        Volatile.Write(ref _marked, time.GetTimestamp());
        Volatile.Write(ref _isResting, 0);
    }

    /// <summary>The task has nothing to do until it marks again.</summary>
    internal void Rest() => Volatile.Write(ref _isResting, 1);
}

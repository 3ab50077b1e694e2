using System;
using EdgeMesh.Packets;

namespace EdgeMesh.Io;

/// <summary>
/// A timer of one loop, to be scheduled again and again without allocating. Belongs to the loop's thread.
/// </summary>
public sealed class LoopTimer
{
    private readonly TimerHeap _heap;
    private readonly Action<object?> _callback;
    private readonly object? _state;

    internal LoopTimer(TimerHeap heap, Action<object?> callback, object? state)
    {
        _heap = heap;
        _callback = callback;
        _state = state;
    }

    /// <summary>When it fires next; <see cref="Instant.Never"/> if it is not scheduled.</summary>
    public Instant Due { get; internal set; } = Instant.Never;

    internal int HeapIndex { get; set; } = -1;

    /// <summary>Fires at <paramref name="due"/>, instead of any time set before.</summary>
    public void Schedule(Instant due)
    {
        _heap.Remove(this);
        Due = due;
        _heap.Add(this);
    }

    /// <summary>Does not fire.</summary>
    public void Cancel()
    {
        _heap.Remove(this);
        Due = Instant.Never;
    }

    internal void Fire()
    {
        Due = Instant.Never;
        _callback(_state);
    }
}

using System;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Loops;

/// <summary>A timer that knows its place in the heap of its loop.</summary>
internal sealed class HeapTimer(TimerHeap heap, Action<object?> callback, object? state) : LoopTimer
{
    /// <summary>Where the heap keeps it; -1 while it is not scheduled.</summary>
    public int HeapIndex { get; set; } = -1;

    public override void Schedule(Instant due)
    {
        heap.Remove(this);
        Due = due;
        heap.Add(this);
    }

    public override void Cancel()
    {
        heap.Remove(this);
        Due = Instant.Never;
    }

    /// <summary>Its time has come; the heap no longer has it.</summary>
    public void Fire()
    {
        Due = Instant.Never;
        callback(state);
    }
}

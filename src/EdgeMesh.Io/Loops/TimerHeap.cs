using System;
using System.Diagnostics;
using EdgeMesh.Packets;

namespace EdgeMesh.Io.Loops;

/// <summary>
/// The scheduled timers of one loop, the next due first: a binary heap in which each timer knows its place.
/// </summary>
internal sealed class TimerHeap
{
    private HeapTimer[] _timers = new HeapTimer[16];
    private int _count;

    /// <summary>Timers that are scheduled.</summary>
    public int Count => _count;

    /// <summary>When the next timer is due.</summary>
    public Instant NextDue => _count == 0 ? Instant.Never : _timers[0].Due;

    public void Add(HeapTimer timer)
    {
        Debug.Assert(timer.HeapIndex < 0);
        if (_count == _timers.Length)
        {
            Array.Resize(ref _timers, _count * 2);
        }

        Place(timer, _count++);
        Up(timer.HeapIndex);
    }

    public void Remove(HeapTimer timer)
    {
        int at = timer.HeapIndex;
        if (at < 0)
        {
            return;
        }

        timer.HeapIndex = -1;
        HeapTimer last = _timers[--_count];
        _timers[_count] = null!;
        if (!ReferenceEquals(last, timer))
        {
            Place(last, at);
            Up(at);
            Down(last.HeapIndex);
        }
    }

    /// <summary>Takes the next timer that is due; null if none is.</summary>
    public HeapTimer? TakeDue(Instant now)
    {
        if (_count == 0 || _timers[0].Due > now)
        {
            return null;
        }

        HeapTimer due = _timers[0];
        Remove(due);
        return due;
    }

    private void Place(HeapTimer timer, int at)
    {
        _timers[at] = timer;
        timer.HeapIndex = at;
    }

    private void Up(int at)
    {
        HeapTimer timer = _timers[at];
        while (at > 0 && _timers[(at - 1) / 2].Due > timer.Due)
        {
            Place(_timers[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }

        Place(timer, at);
    }

    private void Down(int at)
    {
        HeapTimer timer = _timers[at];
        while ((at * 2) + 1 < _count)
        {
            int child = (at * 2) + 1;
            if (child + 1 < _count && _timers[child + 1].Due < _timers[child].Due)
            {
                child++;
            }

            if (_timers[child].Due >= timer.Due)
            {
                break;
            }

            Place(_timers[child], at);
            at = child;
        }

        Place(timer, at);
    }
}

using System;
using System.Threading;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>A timer of the machine that calls back on the thread that made it.</summary>
#pragma warning disable CA1001 // A timer that nobody refers to stops by itself.
internal sealed class MachineTimer : ConnectionTimer
#pragma warning restore CA1001
{
    private readonly ConnectionTime _time;
    private readonly Action<object?> _callback;
    private readonly object? _state;
    private readonly SynchronizationContext _context;
    private readonly Timer _timer;
    private long _due = long.MaxValue; // the thread's own; the timer only posts

    public MachineTimer(ConnectionTime time, Action<object?> callback, object? state)
    {
        _time = time;
        _callback = callback;
        _state = state;
        _context = SynchronizationContext.Current
            ?? throw new InvalidOperationException("A timer calls back through its thread's SynchronizationContext.");
        _timer = new Timer(static timer => ((MachineTimer)timer!).Post(), this, Timeout.Infinite, Timeout.Infinite);
    }

    public override void Schedule(long due)
    {
        _due = due;
        long nanoseconds = Math.Max(0, due - _time.Now);
        _timer.Change(TimeSpan.FromMilliseconds(Math.Ceiling(nanoseconds / 1e6)), Timeout.InfiniteTimeSpan);
    }

    public override void Cancel()
    {
        _due = long.MaxValue;
        _timer.Change(Timeout.Infinite, Timeout.Infinite);
    }

    private void Post() =>
#pragma warning disable VSTHRD001 // The context is a thread's loop, not a user interface; a post can't deadlock.
        _context.Post(static timer => ((MachineTimer)timer!).Fire(), this);
#pragma warning restore VSTHRD001

    // Posted before it was cancelled or put off, it comes at the wrong time.
    private void Fire()
    {
        if (_time.Now >= _due)
        {
            _due = long.MaxValue;
            _callback(_state);
        }
    }
}

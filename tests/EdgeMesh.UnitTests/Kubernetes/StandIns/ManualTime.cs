using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.UnitTests.Kubernetes.StandIns;

/// <summary>Time that stands still until a test lets it jump.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private readonly List<(TimeSpan Min, TimeSpan Max, TaskCompletionSource<TimeSpan> Source)> _waiters = [];
    private DateTimeOffset _wall = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private long _ticks = TimeSpan.TicksPerDay;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _wall;
        }
    }

    /// <summary>Sets the wall clock; nothing else changes.</summary>
    internal void SetWall(DateTimeOffset wall)
    {
        lock (_lock)
        {
            _wall = wall;
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>Waits until something waits for a time in this range.</summary>
    /// <returns>The time that is left.</returns>
    internal Task<TimeSpan> WaitingForAsync(TimeSpan min, TimeSpan max)
    {
        lock (_lock)
        {
            var source = new TaskCompletionSource<TimeSpan>(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((min, max, source));
            Match();
            return source.Task;
        }
    }

    /// <summary>Lets time jump; timers run in the order of their times.</summary>
    internal void Advance(TimeSpan by)
    {
        long end = GetTimestamp() + by.Ticks;
        while (TakeDue(end) is { } timer)
        {
            timer.Run();
        }

        lock (_lock)
        {
            _wall += by;
            Interlocked.Exchange(ref _ticks, end);
            Match();
        }
    }

    private Timer? TakeDue(long end)
    {
        lock (_lock)
        {
            Timer? next = _timers.Where(timer => timer.Due <= end).MinBy(timer => timer.Due);
            if (next is not null)
            {
                Interlocked.Exchange(ref _ticks, Math.Max(GetTimestamp(), next.Due));
                _timers.Remove(next);
            }

            return next;
        }
    }

    private void Match()
    {
        foreach ((TimeSpan min, TimeSpan max, TaskCompletionSource<TimeSpan> source) in _waiters.ToArray())
        {
            foreach (Timer timer in _timers)
            {
                var left = TimeSpan.FromTicks(timer.Due - GetTimestamp());
                if (left >= min && left <= max)
                {
                    _waiters.Remove((min, max, source));
                    source.SetResult(left);
                    break;
                }
            }
        }
    }

    private sealed class Timer(ManualTime time, TimerCallback callback, object? state) : ITimer
    {
        internal long Due { get; private set; }

        internal void Run() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
                if (dueTime >= TimeSpan.Zero)
                {
                    Due = time.GetTimestamp() + dueTime.Ticks;
                    time._timers.Add(this);
                    time.Match();
                }
            }

            return true;
        }

        public void Dispose()
        {
            lock (time._lock)
            {
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

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
    private readonly List<Waiter> _waiters = [];
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

    /// <summary>Waits until so many wait for a time in this range.</summary>
    /// <returns>The time that is left until the first of them.</returns>
    internal Task<TimeSpan> WaitingForAsync(TimeSpan min, TimeSpan max, int count = 1)
    {
        lock (_lock)
        {
            var waiter = new Waiter(min, max, count);
            _waiters.Add(waiter);
            Match();
            return waiter.Source.Task;
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
        foreach (Waiter waiter in _waiters.ToArray())
        {
            TimeSpan[] left =
            [
                .. _timers.Select(timer => TimeSpan.FromTicks(timer.Due - GetTimestamp()))
                    .Where(left => left >= waiter.Min && left <= waiter.Max),
            ];
            if (left.Length >= waiter.Count)
            {
                _waiters.Remove(waiter);
                waiter.Source.SetResult(left.Min());
            }
        }
    }

    private sealed record Waiter(TimeSpan Min, TimeSpan Max, int Count)
    {
        internal TaskCompletionSource<TimeSpan> Source { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
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

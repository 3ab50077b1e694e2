using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.UnitTests.Tunnel;

/// <summary>A loop that the test turns by hand, on its own thread; time stands until it is set.</summary>
internal sealed class HandLoop : Loop
{
    private readonly ConcurrentQueue<(Action<object?> Callback, object? State)> _posted = new(); // any thread posts
    private readonly List<HandTimer> _timers = [];

    public HandLoop() => Now = new Instant(1_000_000_000);

    public override SynchronizationContext Context { get; } = new();

    public override bool IsOnThread => true;

    /// <summary>Callbacks that wait for the next iteration.</summary>
    public int PostedCount => _posted.Count;

    public override Instant ReadClock() => Now;

    public override void Post(Action<object?> callback, object? state) => _posted.Enqueue((callback, state));

    public override LoopTimer CreateTimer(Action<object?> callback, object? state)
    {
        HandTimer timer = new(callback, state);
        _timers.Add(timer);
        return timer;
    }

    public override ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        TaskCompletionSource done = new();
        CreateTimer(_ => done.TrySetResult(), null).Schedule(Now + delay);
        return new ValueTask(done.Task.WaitAsync(cancellationToken));
    }

    /// <summary>Runs iterations until nothing is posted any more.</summary>
    public void Run()
    {
        do
        {
            while (_posted.TryDequeue(out (Action<object?> Callback, object? State) next))
            {
                next.Callback(next.State);
            }

            EndOfIteration?.Invoke();
        }
        while (!_posted.IsEmpty);
    }

    /// <summary>Lets time pass, and what is due happen.</summary>
    public void Pass(TimeSpan time)
    {
        Now += time;
        int count = _timers.Count; // those that are made meanwhile are for the next time
        for (int i = 0; i < count; i++)
        {
            if (_timers[i].Due <= Now)
            {
                _timers[i].Fire();
            }
        }

        Run();
    }

    private sealed class HandTimer(Action<object?> callback, object? state) : LoopTimer
    {
        public override void Schedule(Instant due) => Due = due;

        public override void Cancel() => Due = Instant.Never;

        public void Fire()
        {
            Due = Instant.Never;
            callback(state);
        }
    }
}

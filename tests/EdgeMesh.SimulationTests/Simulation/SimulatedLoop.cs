using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.SimulationTests.Simulation;

/// <summary>One thread, one clock that jumps: runs what was posted, then goes to the next timer.</summary>
/// <remarks>Posts run in order, timers by time and then by age, so a run depends on its seed only.</remarks>
public sealed class SimulatedLoop : SynchronizationContext
{
    private const long StepsMax = 20_000_000;
    private const long NanosecondsMax = 3_600_000_000_000;

    private readonly Queue<(Action<object?>? Action, SendOrPostCallback? Callback, object? State)> _posts = new();
    private readonly PriorityQueue<TaskCompletionSource, (long Due, long Age)> _timers = new();
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private long _age;
    private volatile string? _stray; // where code posted from another thread: the run would depend on luck

    /// <summary>Simulated time, nanoseconds. Starts late enough to be no special value.</summary>
    public long Now { get; private set; } = 1_000_000_000;

    /// <summary>Work run so far; a runaway is a failure.</summary>
    public long Steps { get; private set; }

    public static void Run(Func<SimulatedLoop, Task> main)
    {
        var loop = new SimulatedLoop();
        SynchronizationContext? before = Current;
        SetSynchronizationContext(loop);
        try
        {
            Task task = main(loop);
            while (!task.IsCompleted)
            {
                if (!loop.RunOnce() || loop._stray is not null)
                {
                    if (loop._stray is not null)
                    {
                        throw new InvalidOperationException("posted from another thread: " + loop._stray);
                    }

                    throw new InvalidOperationException("deadlock: nothing is posted, no timer runs");
                }

                if (loop.Steps > StepsMax || loop.Now > NanosecondsMax)
                {
                    throw new InvalidOperationException("runaway: too many steps, or an hour went by for nothing");
                }
            }

            task.GetAwaiter().GetResult();
        }
        finally
        {
            SetSynchronizationContext(before);
        }
    }

    /// <summary>Runs all that is posted; if nothing is, jumps to the next timer.</summary>
    public bool RunOnce()
    {
        if (RunPosted())
        {
            return true;
        }

        while (_timers.TryDequeue(out TaskCompletionSource? timer, out (long Due, long Age) when))
        {
            if (timer.Task.IsCompleted)
            {
                continue;
            }

            Now = Math.Max(Now, when.Due);
            timer.TrySetResult();
            return true;
        }

        return false;
    }

    /// <summary>Runs all that is posted, without moving the clock.</summary>
    public bool RunPosted()
    {
        bool isAny = false;
        while (_posts.TryDequeue(out (Action<object?>? Action, SendOrPostCallback? Callback, object? State) post))
        {
            isAny = true;
            Steps++;
            post.Action?.Invoke(post.State);
            post.Callback?.Invoke(post.State);
        }

        return isAny;
    }

    /// <summary>Lets time pass, with all that is due in it.</summary>
    public Task DelayAsync(TimeSpan time, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return Task.FromCanceled(cancellationToken);
        }

        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _timers.Enqueue(source, (Now + (time.Ticks * TimeSpan.NanosecondsPerTick), _age++));
        if (cancellationToken.CanBeCanceled)
        {
            cancellationToken.UnsafeRegister(
                static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), source);
        }

        return source.Task;
    }

    /// <summary>Queues without allocating.</summary>
    public void Enqueue(Action<object?> action, object? state) => _posts.Enqueue((action, null, state));

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId != _threadId)
        {
            _stray ??= Environment.StackTrace;
            return;
        }

        _posts.Enqueue((null, d, state));
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("there is only one thread");
}

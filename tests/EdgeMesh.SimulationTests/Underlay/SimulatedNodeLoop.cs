using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>
/// One loop of a simulated node, as the product's loops are: it sleeps unless it has a reason not to.
/// </summary>
/// <remarks>
/// An iteration runs what ended, what is due and what was posted, then <see cref="Loop.EndOfIteration"/>. What ends or
/// is posted meanwhile waits for the next one. No event but its own wakes it, and <see cref="HasWork"/> is asked each
/// time it goes to sleep. Whoever touches it from another loop's iteration is found.
/// </remarks>
public sealed class SimulatedNodeLoop : Loop
{
    private const long CostNanosecondsMin = 1_000;
    private const long CostNanosecondsMax = 20_000;
    private const long ClockReadNanoseconds = 40;

    private readonly SimulatedWorld _world;
    private readonly Random _random;
    private readonly PriorityQueue<(SimulatedTimer Timer, long Version), (long Due, long Age)> _timers = new();
    private List<(Delegate Callback, object? State)> _posted = [];
    private List<(Delegate Callback, object? State)> _runningPosted = [];
    private List<(Action<object?> Callback, object? State)> _ended = [];
    private List<(Action<object?> Callback, object? State)> _runningEnded = [];
    private long _busyUntil;
    private long _wakeAt = long.MaxValue;
    private long _timerAge;
    private long _readsOfClock;
    private bool _isAwake;
    private bool _isFrozen;

    internal SimulatedNodeLoop(SimulatedHost host, string name)
    {
        Host = host;
        _world = host.World;
        _random = new Random(_world.Random.Next());
        Name = name;
        Now = _world.Now;
        Context = new SimulatedContext(this);
    }

    public string Name { get; }

    /// <summary>The machine it runs on.</summary>
    public SimulatedHost Host { get; }

    public SimulatedWorld World => _world;

    public override SynchronizationContext Context { get; }

    public override bool IsOnThread => _world.CheckThread() && ReferenceEquals(_world.CurrentLoop, this);

    /// <summary>The oracle: whether there is anything that the node could do now. Asked when the loop goes to sleep.
    /// </summary>
    public Func<bool>? HasWork { get; set; }

    /// <summary>Iterations so far.</summary>
    public long Iterations { get; private set; }

    /// <summary>Whether the process of this loop was killed: nothing runs any more.</summary>
    public bool IsDead { get; private set; }

    /// <summary>Extra time that each iteration takes: a slow or busy processor.</summary>
    public TimeSpan ExtraCost { get; set; }

    /// <summary>Whether its process stands still, as by SIGSTOP; what comes meanwhile waits.</summary>
    public bool IsFrozen
    {
        get => _isFrozen;
        set
        {
            _isFrozen = value;
            if (!value && _wakeAt != long.MaxValue)
            {
                long due = _wakeAt;
                _wakeAt = long.MaxValue;
                Wake(due);
            }
        }
    }

    public override Instant ReadClock() =>
        new(_world.Now.Nanoseconds + (IsOnThread ? ++_readsOfClock * ClockReadNanoseconds : 0));

    public override void Post(Action<object?> callback, object? state) => PostAny(callback, state);

    public override LoopTimer CreateTimer(Action<object?> callback, object? state) =>
        new SimulatedTimer(this, callback, state);

    public override ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellationToken)
    {
        CheckOnLoop();
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled(cancellationToken)
            : new SimulatedDelay(this).Start(Now + delay, cancellationToken);
    }

    /// <summary>The kernel ended an operation: the callback runs in the loop's next iteration.</summary>
    public void End(Action<object?> callback, object? state)
    {
        if (!IsDead)
        {
            _ended.Add((callback, state));
            Wake(_world.Now.Nanoseconds);
        }
    }

    /// <summary>The process was killed.</summary>
    public void Kill()
    {
        IsDead = true;
        _posted.Clear();
        _ended.Clear();
        _timers.Clear();
    }

    internal void PostAny(Delegate callback, object? state)
    {
        if (_world.CheckThread() && !IsDead)
        {
            _posted.Add((callback, state));
            Wake(_world.Now.Nanoseconds);
        }
    }

    internal void CheckOnLoop()
    {
        if (!IsOnThread)
        {
            throw _world.Violation(
                $"{Name} was touched by {_world.CurrentLoop?.Name ?? "nobody's loop"}: only Post may cross loops");
        }
    }

    internal void AddTimer(SimulatedTimer timer)
    {
        _timers.Enqueue((timer, timer.Version), (timer.Due.Nanoseconds, _timerAge++));
        Wake(timer.Due.Nanoseconds);
    }

    private void Wake(long due)
    {
        // While it runs, what comes is seen before it sleeps.
        due = Math.Max(Math.Max(due, _world.Now.Nanoseconds), _busyUntil);
        if (_isAwake || IsDead || due >= _wakeAt)
        {
            return;
        }

        _wakeAt = due;
        if (!IsFrozen)
        {
            _world.At(new Instant(due), static state => ((SimulatedNodeLoop)state!).Run(), this);
        }
    }

    private void Run()
    {
        if (IsDead || IsFrozen || _wakeAt > _world.Now.Nanoseconds)
        {
            return; // an earlier wake-up came first
        }

        _wakeAt = long.MaxValue;
        _isAwake = true;
        Now = _world.Now;
        _readsOfClock = 0;
        _world.CurrentLoop = this;
        _world.LastLoop = this;
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
        try
        {
            int ran = RunEnded() + RunTimers() + RunPosted();
            bool goesOn = EndOfIteration?.Invoke() ?? false;
            Iterations++;
            _world.Trace("runs", Name, ran, goesOn ? 1 : 0);
            GoToSleep(goesOn);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            _world.CurrentLoop = null;
        }
    }

    private void GoToSleep(bool goesOn)
    {
        _isAwake = false;
        _busyUntil = _world.Now.Nanoseconds + _random.NextInt64(CostNanosecondsMin, CostNanosecondsMax)
            + (_readsOfClock * ClockReadNanoseconds) + (ExtraCost.Ticks * TimeSpan.NanosecondsPerTick);
        if (goesOn || _posted.Count > 0 || _ended.Count > 0)
        {
            Wake(_busyUntil);
            return;
        }

        if (!IsDead && HasWork?.Invoke() == true)
        {
            throw _world.Violation($"{Name} went to sleep while work waited");
        }

        if (NextDue() is { } due)
        {
            Wake(due);
        }
    }

    private int RunEnded()
    {
        (_ended, _runningEnded) = (_runningEnded, _ended);
        int count = _runningEnded.Count;
        for (int i = 0; i < count && !IsDead; i++)
        {
            _runningEnded[i].Callback(_runningEnded[i].State);
        }

        _runningEnded.Clear();
        return count;
    }

    private int RunTimers()
    {
        // A timer that schedules itself for now runs in the next iteration.
        int ran = 0;
        long youngest = _timerAge;
        while (NextDue() is { } due && due <= Now.Nanoseconds
            && _timers.TryPeek(out (SimulatedTimer Timer, long Version) next, out (long Due, long Age) key)
            && key.Age < youngest)
        {
            _timers.Dequeue();
            next.Timer.Fire();
            ran++;
        }

        return ran;
    }

    private int RunPosted()
    {
        (_posted, _runningPosted) = (_runningPosted, _posted);
        int count = _runningPosted.Count;
        for (int i = 0; i < count && !IsDead; i++)
        {
            (Delegate callback, object? state) = _runningPosted[i];
            if (callback is Action<object?> action)
            {
                action(state);
            }
            else
            {
                ((SendOrPostCallback)callback)(state);
            }
        }

        _runningPosted.Clear();
        return count;
    }

    private long? NextDue()
    {
        while (_timers.TryPeek(out (SimulatedTimer Timer, long Version) next, out (long Due, long Age) key))
        {
            if (next.Timer.Version == next.Version && next.Timer.Due.Nanoseconds == key.Due)
            {
                return key.Due;
            }

            _timers.Dequeue();
        }

        return null;
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Io.Epoll;
using EdgeMesh.Io.Rings;
using EdgeMesh.Native;
using EdgeMesh.Packets;

namespace EdgeMesh.Io;

/// <summary>One thread's loop: it waits for the kernel, for timers and for other threads, and is the only place that waits.</summary>
/// <remarks>
/// An iteration: wait; reap what the kernel answered; run what ended, what is due and what was posted; then
/// <see cref="EndOfIteration"/>. Nothing runs while completions are reaped. Opened, run and disposed on one thread; only <see cref="Post"/> may be called
/// from others.
/// </remarks>
public abstract class EventLoop : IDisposable
{
    private readonly Lock _posting = new();
    private readonly TimerHeap _timers = new();
    private readonly List<LoopOperation> _ended = [];
    private readonly List<LoopOperation> _running = [];
    private readonly EventFd _wake = new();
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private List<(Action<object?> Callback, object? State)> _posted = [];
    private List<(Action<object?> Callback, object? State)> _taken = [];
    private int _isWakeSignalled; // set by posters, cleared by the loop

    private protected EventLoop()
    {
        Context = new LoopSynchronizationContext(this);
        Scheduler = new LoopPipeScheduler(this);
        Now = ReadClock();
    }

    /// <summary>What is in use: <c>io_uring</c> or <c>epoll</c>.</summary>
    public abstract string BackendName { get; }

    /// <summary>Features of it that the kernel has.</summary>
    public abstract IReadOnlyList<string> Features { get; }

    /// <summary>The time, read once in each iteration.</summary>
    public Instant Now { get; private set; }

    /// <summary>Brings awaits back to this loop; installed on its thread while it runs.</summary>
    public SynchronizationContext Context { get; }

    /// <summary>Runs what pipes schedule on this loop.</summary>
    public PipeScheduler Scheduler { get; }

    /// <summary>Called at the end of each iteration.</summary>
    public Action? EndOfIteration { get; set; }

    /// <summary>Iterations so far.</summary>
    public long Iterations { get; private set; }

    /// <summary>Operations that the kernel ended so far.</summary>
    public long Completions { get; private set; }

    /// <summary>System calls of the loop and of its devices and sockets so far.</summary>
    public abstract long SystemCalls { get; }

    /// <summary>Whether the caller is on the loop's thread.</summary>
    public bool IsOnThread => Environment.CurrentManagedThreadId == _threadId;

    internal Sockets.SendBuffers SendBuffers { get; } = new();

    private protected int WakeDescriptor => _wake.Descriptor;

    /// <summary>Opens a loop for the calling thread.</summary>
    /// <param name="backend">How to ask the kernel.</param>
    /// <exception cref="RingUnavailableException">io_uring was asked for by name and can't be had.</exception>
    public static EventLoop Open(IoBackend backend)
    {
        if (backend == IoBackend.Epoll)
        {
            return new EpollLoop();
        }

        try
        {
            return new UringLoop();
        }
        catch (NativeException exception)
        {
            return backend == IoBackend.Auto
                ? new EpollLoop()
                : throw new RingUnavailableException(exception.Message, exception);
        }
    }

    /// <summary>Runs until <paramref name="stop"/>.</summary>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenRegistration registration = stop.Register(static loop => ((EventLoop)loop!).Wake(), this);
        while (!stop.IsCancellationRequested)
        {
            RunOnce(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Runs one iteration.</summary>
    /// <param name="waitMax">Longest wait; <see cref="Timeout.InfiniteTimeSpan"/>: until something happens.</param>
    public void RunOnce(TimeSpan waitMax)
    {
        Debug.Assert(IsOnThread);
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
        try
        {
            WaitForKernel(NanosecondsToWait(waitMax));
            Now = ReadClock();
            RunEnded();
            RunTimers();
            RunPosted();
            EndOfIteration?.Invoke();
            Iterations++;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>The time at this moment, for what is measured rather than scheduled.</summary>
    public static Instant ReadNow() => ReadClock();

    /// <summary>Runs a callback in the next iteration. Safe from every thread.</summary>
    public void Post(Action<object?> callback, object? state)
    {
        lock (_posting)
        {
            _posted.Add((callback, state));
        }

        Wake();
    }

    /// <summary>Makes a timer of this loop; it is not scheduled yet.</summary>
    public LoopTimer CreateTimer(Action<object?> callback, object? state) => new(_timers, callback, state);

    /// <summary>Ends after a time. Must be awaited and cancelled on the loop's thread.</summary>
    public ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellation) => new(new LoopDelay(this, delay, cancellation).Task);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts an operation; it ends in a later iteration.</summary>
    internal abstract void Start(LoopOperation operation);

    /// <summary>Asks the kernel to give an operation up; it ends all the same, with its result or -ECANCELED.</summary>
    internal abstract void Cancel(LoopOperation operation);

    /// <summary>The descriptor is about to be closed.</summary>
    internal abstract void Forget(int descriptor);

    /// <summary>Reads packets that are there already, in as few system calls as possible; results are in the array.</summary>
    internal abstract void ReadPackets(int descriptor, Span<PacketRead> reads);

    /// <summary>Writes packets, in as few system calls as possible; results are in the array.</summary>
    internal abstract void WritePackets(int descriptor, Span<PacketWrite> writes);

    /// <summary>The kernel answered an operation.</summary>
    private protected void End(LoopOperation operation, int result)
    {
        operation.Answer(result);
        _ended.Add(operation);
        Completions++;
    }

    /// <summary>Waits for the kernel and reaps what it answered.</summary>
    private protected abstract void WaitForKernel(long nanosecondsMax);

    /// <summary>Another thread posted: the next iteration takes it.</summary>
    private protected void ClearWake()
    {
        _wake.Clear();
        Interlocked.Exchange(ref _isWakeSignalled, 0);
    }

    /// <summary>Closes what the loop has open.</summary>
    private protected virtual void Dispose(bool disposing) => _wake.Dispose();

    private static Instant ReadClock() => new((long)(Stopwatch.GetTimestamp() * (1_000_000_000.0 / Stopwatch.Frequency)));

    private void Wake()
    {
        if (Interlocked.Exchange(ref _isWakeSignalled, 1) == 0)
        {
            _wake.Signal();
        }
    }

    private long NanosecondsToWait(TimeSpan waitMax)
    {
        if (_ended.Count > 0)
        {
            return 0; // ended while something else was run
        }

        long nanoseconds = waitMax < TimeSpan.Zero ? long.MaxValue : (long)waitMax.TotalNanoseconds;
        if (_timers.NextDue != Instant.Never)
        {
            nanoseconds = Math.Min(nanoseconds, Math.Max(0, _timers.NextDue.Nanoseconds - ReadClock().Nanoseconds));
        }

        return nanoseconds == long.MaxValue ? -1 : nanoseconds;
    }

    private void RunEnded()
    {
        // What ends while these run waits for the next iteration, so that no chain of completions starves the rest.
        _running.AddRange(_ended);
        _ended.Clear();
        foreach (LoopOperation operation in _running)
        {
            operation.Complete();
        }

        _running.Clear();
    }

    private void RunTimers()
    {
        while (_timers.TakeDue(Now) is { } due)
        {
            due.Fire();
        }
    }

    private void RunPosted()
    {
        lock (_posting)
        {
            (_posted, _taken) = (_taken, _posted);
        }

        foreach ((Action<object?> callback, object? state) in _taken)
        {
            callback(state);
        }

        _taken.Clear();
    }
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Loops;

/// <summary>One thread's loop: it waits for the kernel, for timers and for other threads; nothing else waits.</summary>
/// <remarks>
/// An iteration: wait; reap what the kernel answered; run what ended, what is due and what was posted; then
/// <see cref="Loop.EndOfIteration"/>. Nothing runs while completions are reaped; what ends while others run waits for
/// the next iteration, and so does what is posted by what was posted. Opened, run and disposed on one thread; only
/// <see cref="Post"/> may be called from others.
/// </remarks>
public abstract class EventLoop : Loop, IDisposable
{
    /// <summary>How long <see cref="Dispose()"/> waits for the kernel to give back what it holds.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Loops whose memory the kernel did not give back in time: kept, because it may still write there.
    /// </summary>
    private static readonly List<EventLoop> Unfinished = [];

    private readonly TimerHeap _timers = new();
    private readonly PostedWork _posted = new();
    private readonly List<LoopOperation> _ended = [];
    private readonly List<LoopOperation> _running = [];
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private bool _isRunning;
    private bool _isClosed;
    private bool _isWorkLeft; // what the end of the last iteration answered

    private protected EventLoop()
    {
        Context = new LoopSynchronizationContext(this);
        Delays = new LoopDelays(this);
        Now = ReadNow();
    }

    /// <summary>What is in use: <c>io_uring</c> or <c>epoll</c>.</summary>
    public abstract string BackendName { get; }

    /// <summary>Features of it that the kernel has.</summary>
    public abstract IReadOnlyList<string> Features { get; }

    /// <inheritdoc/>
    /// <remarks>Installed on the loop's thread while it runs.</remarks>
    public override SynchronizationContext Context { get; }

    /// <summary>Iterations so far.</summary>
    public long Iterations { get; private set; }

    /// <summary>Operations that the kernel ended so far.</summary>
    public long Completions { get; private set; }

    /// <summary>System calls of the loop and of its devices and sockets so far.</summary>
    public abstract long SystemCalls { get; }

    /// <inheritdoc/>
    public override bool IsOnThread => Environment.CurrentManagedThreadId == _threadId;

    /// <summary>Send buffers of its connections.</summary>
    internal BufferPool SendBuffers { get; } = new(BufferLimits.SendBytes, BufferLimits.SendBuffersKeptMax);

    /// <summary>Receive buffers of its connections; those of handshakes are used again.</summary>
    internal BufferPool ReceiveBuffers { get; } =
        new(BufferLimits.HandshakeReceiveBytes, BufferLimits.HandshakeBuffersKeptMax);

    internal LoopDelays Delays { get; }

    /// <summary>Time spent so far in calls that could wait.</summary>
    internal TimeSpan Waited { get; private set; }

    /// <summary>Whether the loop is being disposed: operations end with -ECANCELED and none may start.</summary>
    internal bool IsClosing { get; private set; }

    /// <summary>Operations that the kernel has.</summary>
    private protected abstract int PendingOperations { get; }

    private protected int WakeDescriptor => _posted.WakeDescriptor;

    /// <summary>Whether operations ended that this iteration will run.</summary>
    private protected bool HasEnded => _ended.Count > 0;

    /// <summary>The time at this moment, the same for every loop.</summary>
    public static Instant ReadNow() => Stopwatch.Frequency == 1_000_000_000
        ? new Instant(Stopwatch.GetTimestamp()) // on Linux it counts nanoseconds: twice an iteration, no division
        : new Instant((long)((Int128)Stopwatch.GetTimestamp() * 1_000_000_000 / Stopwatch.Frequency));

    /// <inheritdoc/>
    public override Instant ReadClock() => ReadNow();

    /// <summary>Runs until <paramref name="stop"/>, which may be cancelled on any thread.</summary>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenRegistration wake = stop.UnsafeRegister(
            static loop => ((EventLoop)loop!).Post(static _ => { }, null), this);
        while (!stop.IsCancellationRequested)
        {
            RunOnce(Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Runs one iteration.</summary>
    /// <param name="waitMax">Longest wait; <see cref="Timeout.InfiniteTimeSpan"/>: until something happens.</param>
    /// <returns>Whether anything ran.</returns>
    /// <exception cref="InvalidOperationException">Called from a callback of the loop.</exception>
    public bool RunOnce(TimeSpan waitMax)
    {
        Debug.Assert(IsOnThread);
        if (_isRunning || IsClosing)
        {
            throw new InvalidOperationException("a loop's iteration can't run inside another one, or after its end");
        }

        _isRunning = true;
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
        try
        {
            Instant before = ReadNow();
            long wait = IsWorkWaiting(before) ? 0 : NanosecondsToWait(waitMax, before);
            WaitForKernel(wait);
            Now = ReadNow();
            Waited += wait == 0 ? TimeSpan.Zero : Now - before;
            int ran = RunEnded() + RunTimers() + _posted.Run();
            _isWorkLeft = EndOfIteration?.Invoke() ?? false;
            Iterations++;
            return ran > 0;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
            _isRunning = false;
        }
    }

    /// <inheritdoc/>
    public override void Post(Action<object?> callback, object? state) => PostAny(callback, state);

    /// <inheritdoc/>
    public override LoopTimer CreateTimer(Action<object?> callback, object? state) =>
        new HeapTimer(_timers, callback, state);

    /// <inheritdoc/>
    public override ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellationToken) =>
        Delays.Start(delay, cancellationToken);

    /// <summary>
    /// Ends what is pending and gives the kernel's objects back. Readers and writers of the loop that wait complete
    /// with an error. On the loop's thread, not from one of its callbacks.
    /// </summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Starts an operation; it ends in a later iteration.</summary>
    internal abstract void Start(LoopOperation operation);

    /// <summary>Asks the kernel to give an operation up; it ends all the same, with its result or -ECANCELED.</summary>
    internal abstract void Cancel(LoopOperation operation);

    /// <summary>The descriptor is about to be closed or leaves the loop.</summary>
    internal abstract void Forget(int descriptor);

    /// <summary>
    /// Reads packets that are there already, in as few system calls as possible; results are in the array.
    /// </summary>
    internal abstract void ReadPackets(int descriptor, Span<PacketRead> reads);

    /// <summary>Writes packets, in as few system calls as possible; results are in the array.</summary>
    internal abstract void WritePackets(int descriptor, Span<PacketWrite> writes);

    /// <summary>Counts a system call that a connection made by itself.</summary>
    internal abstract void CountSystemCall();

    internal void PostAny(Delegate callback, object? state) => _posted.Add(callback, state, IsOnThread);

    /// <summary>A loop that could not be opened leaves no descriptor behind.</summary>
    private protected void Abandon() => _posted.Dispose();

    /// <summary>The kernel answered an operation.</summary>
    private protected void End(LoopOperation operation, int result, bool hasMore = false)
    {
        operation.Answer(result, hasMore);
        _ended.Add(operation);
        Completions++;
    }

    /// <summary>Waits for the kernel and reaps what it answered.</summary>
    private protected abstract void WaitForKernel(long nanosecondsMax);

    /// <summary>Cancels every operation that the kernel has.</summary>
    private protected abstract void CancelAll();

    /// <summary>Closes what the back end has open.</summary>
    private protected abstract void Close();

    /// <summary>Another thread posted: the next iteration takes it.</summary>
    private protected void ClearWake() => _posted.ClearWake();

    /// <summary>Ends the loop.</summary>
    private protected virtual void Dispose(bool disposing)
    {
        if (_isClosed)
        {
            return;
        }

        if (_isRunning)
        {
            throw new InvalidOperationException("a loop can't be disposed by one of its own callbacks");
        }

        IsClosing = true;
        _isClosed = true;
        if (!IsOnThread || !TryDrain())
        {
            lock (Unfinished)
            {
                Unfinished.Add(this);
            }

            return;
        }

        Close();
        _posted.Dispose();
    }

    private bool TryDrain()
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
        try
        {
            long deadline = Stopwatch.GetTimestamp() + (long)(CloseTimeout.TotalSeconds * Stopwatch.Frequency);
            CancelAll();
            while (PendingOperations > 0 || _ended.Count > 0)
            {
                if (Stopwatch.GetTimestamp() > deadline)
                {
                    return false;
                }

                WaitForKernel(_ended.Count > 0 ? 0 : 10_000_000);
                RunEnded();
            }

            _posted.Run(); // the last words of those that were told
            return true;
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    /// <summary>
    /// The one place that says whether the loop may sleep: not while anything could be done now. What the kernel or
    /// another thread brings later wakes it.
    /// </summary>
    private bool IsWorkWaiting(Instant now) =>
        _ended.Count > 0 // while something else was run
        || _posted.IsWaiting
        || _timers.NextDue <= now
        || _isWorkLeft;

    private long NanosecondsToWait(TimeSpan waitMax, Instant now)
    {
        long nanoseconds = waitMax < TimeSpan.Zero ? long.MaxValue : (long)waitMax.TotalNanoseconds;
        if (_timers.NextDue != Instant.Never)
        {
            nanoseconds = Math.Min(nanoseconds, _timers.NextDue.Nanoseconds - now.Nanoseconds);
        }

        return nanoseconds == long.MaxValue ? -1 : nanoseconds;
    }

    private int RunEnded()
    {
        // What ends while these run waits for the next iteration, so that no chain of completions starves the rest.
        _running.AddRange(_ended);
        _ended.Clear();
        int count = _running.Count;
        try
        {
            for (int i = 0; i < count; i++)
            {
                _running[i].Complete();
            }
        }
        finally
        {
            _running.Clear();
        }

        return count;
    }

    private int RunTimers()
    {
        // A timer that schedules itself for now runs again in the next iteration, not in this one.
        int ran = 0;
        for (int left = _timers.Count; left > 0 && _timers.TakeDue(Now) is { } due; left--)
        {
            due.Fire();
            ran++;
        }

        return ran;
    }
}

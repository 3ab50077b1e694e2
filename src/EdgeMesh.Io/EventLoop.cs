using System;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;

namespace EdgeMesh.Io;

/// <summary>One thread's loop over everything that the kernel, timers and other threads bring.</summary>
public abstract class EventLoop : IDisposable
{
    /// <summary>"io_uring" or "epoll".</summary>
    public abstract string BackendName { get; }

    /// <summary>What the kernel offered, for example "single_issuer", "defer_taskrun", "multishot_accept".</summary>
    public abstract IReadOnlyList<string> Features { get; }

    /// <summary>Monotonic time, read once per iteration.</summary>
    public Instant Now => throw new NotSupportedException();

    /// <summary>Resumes asynchronous code on the loop's thread.</summary>
    public SynchronizationContext Context => throw new NotSupportedException();

    /// <summary>Runs a pipe's callbacks on the loop's thread.</summary>
    public PipeScheduler Scheduler => throw new NotSupportedException();

    /// <summary>Called after each batch of completions, timers and posted work has run.</summary>
    public Action? EndOfIteration { get; set; }

    /// <summary>System calls made for I/O and waiting.</summary>
    public long SystemCalls => throw new NotSupportedException();

    /// <summary>Turns of the loop.</summary>
    public long Iterations => throw new NotSupportedException();

    /// <summary>Operations of the kernel that ended.</summary>
    public long Completions => throw new NotSupportedException();

    /// <summary>Opens a loop on the calling thread, which must run and dispose it.</summary>
    /// <exception cref="RingUnavailableException">io_uring was asked for and is not to be had.</exception>
    public static EventLoop Open(IoBackend backend) => throw new NotSupportedException();

    /// <summary>Runs until <paramref name="stop"/> is cancelled, from whatever thread.</summary>
    public void Run(CancellationToken stop) => throw new NotSupportedException();

    /// <summary>Runs one iteration.</summary>
    /// <param name="waitMax">How long to wait if nothing is due.</param>
    /// <returns>Whether anything ran.</returns>
    public bool RunOnce(TimeSpan waitMax) => throw new NotSupportedException();

    /// <summary>Runs <paramref name="callback"/> on the loop's thread, in its next iteration. Safe from every thread.</summary>
    public void Post(Action<object?> callback, object? state) => throw new NotSupportedException();

    /// <summary>Waits on the loop's timers.</summary>
    public ValueTask DelayAsync(TimeSpan delay, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Makes a timer; scheduling it again and again allocates nothing.</summary>
    public LoopTimer CreateTimer(Action<object?> callback, object? state) => throw new NotSupportedException();

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Ends what is pending and gives the kernel's objects back.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

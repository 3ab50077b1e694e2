using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Logging;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>
/// Turns what the kernel tells of changed links, addresses and routes into a signal. Has a thread of its own, which
/// blocks in the kernel.
/// </summary>
internal sealed class KernelChanges : IAsyncDisposable
{
    private static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(500); // how long ending takes at most

    private readonly RouteMonitor? _monitor;
    private readonly Task _watching;
    private volatile bool _isStopped;
    private TaskCompletionSource _next = NewSignal(); // replaced by NextAsync's caller, completed by the thread

    private KernelChanges(RouteMonitor? monitor)
    {
        _monitor = monitor;
        _watching = monitor is null
            ? Task.CompletedTask
            : Task.Factory.StartNew(Watch, CancellationToken.None, TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
    }

    internal static KernelChanges Start(StructuredLog log)
    {
        try
        {
            return new KernelChanges(RouteMonitor.Open(Wait));
        }
        catch (NetlinkException e)
        {
            log.Warn("kernel_changes_unseen", ("problem", e.Message), ("instead", "looking every two seconds"));
            return new KernelChanges(null);
        }
    }

    /// <summary>
    /// Completes at the next change, or at once if there was one since the last call's task completed.
    /// </summary>
    internal Task NextAsync()
    {
        if (_next.Task.IsCompleted)
        {
            Task seen = _next.Task;
            Volatile.Write(ref _next, NewSignal());
            return seen;
        }

        return _next.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isStopped = true;
        await _watching;
        _monitor?.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Watch()
    {
        while (!_isStopped)
        {
            try
            {
                if (_monitor!.Wait())
                {
                    Volatile.Read(ref _next).TrySetResult();
                }
            }
            catch (NetlinkException)
            {
                return; // the two-second pass goes on
            }
        }
    }
}

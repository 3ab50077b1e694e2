using System;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Threading.Tasks;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>Flushes a transport, without allocating.</summary>
/// <param name="writer">Its output.</param>
/// <param name="handleFlushed">Called when a flush that had to wait is over, well or not.</param>
/// <param name="handleBroken">Called when the transport takes nothing any more: null if the peer closed it.</param>
internal sealed class TransportOutput(PipeWriter writer, Action handleFlushed, Action<Exception?> handleBroken)
{
    private Action? _handleFlushed;
    private ValueTaskAwaiter<FlushResult> _flush;
    private TaskCompletionSource? _idle;
    private bool _isFlushing;
    private bool _isCompleted;

    /// <summary>Starts a flush.</summary>
    /// <returns>Whether it is done.</returns>
    public bool Flush()
    {
        try
        {
            // By hand, not by await: a state machine would allocate each time. The continuation comes back to this
            // thread, because the awaiter keeps its context.
#pragma warning disable CA2012 // Consumed exactly once, in TakeResult.
            _flush = writer.FlushAsync().GetAwaiter();
#pragma warning restore CA2012
            if (_flush.IsCompleted)
            {
                TakeResult();
                return true;
            }

            _isFlushing = true;
            _flush.UnsafeOnCompleted(_handleFlushed ??= HandleFlushed);
            return false;
        }
#pragma warning disable CA1031 // Whatever a transport throws, it takes nothing any more.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            handleBroken(failure);
            return true;
        }
    }

    /// <summary>Completes when no flush is on its way, or at <see cref="StopWaiting"/>.</summary>
    public Task WaitIdleAsync()
    {
        if (!_isFlushing)
        {
            return Task.CompletedTask;
        }

        _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _idle.Task;
    }

    /// <summary>Whoever waits for the flush waits no longer.</summary>
    public void StopWaiting()
    {
        _idle?.TrySetResult();
        _idle = null;
    }

    /// <summary>Ends the transport's sending half.</summary>
    /// <param name="isClean">Whether all that was written has left.</param>
    public void Complete(bool isClean)
    {
        _isCompleted = true;

        // With an exception a stock writer throws its buffer away; without, it would write it, blocking the thread.
        writer.Complete(isClean ? null : new StreamException(StreamEnd.ConnectionEnded));
    }

    private void HandleFlushed()
    {
        _isFlushing = false;
        StopWaiting();
        if (_isCompleted)
        {
            return;
        }

        try
        {
            TakeResult();
        }
#pragma warning disable CA1031 // As above.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            handleBroken(failure);
        }

        handleFlushed();
    }

    private void TakeResult()
    {
#pragma warning disable VSTHRD002 // It is complete.
        FlushResult result = _flush.GetResult();
#pragma warning restore VSTHRD002
        if (result.IsCompleted)
        {
            handleBroken(null);
        }
    }
}

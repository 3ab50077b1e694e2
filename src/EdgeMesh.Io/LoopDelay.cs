using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;

namespace EdgeMesh.Io;

/// <summary>One wait of a given time on a loop.</summary>
internal sealed class LoopDelay : IValueTaskSource
{
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private ManualResetValueTaskSourceCore<bool> _source;
    private CancellationTokenRegistration _registration;
    private CancellationToken _cancellation;
    private bool _isWaiting;

    public LoopDelay(EventLoop loop)
    {
        _loop = loop;
        _timer = loop.CreateTimer(static state => ((LoopDelay)state!).Finish(), this);
    }

    /// <summary>Starts the wait.</summary>
    public ValueTask Start(Packets.Instant due, CancellationToken cancellation)
    {
        _isWaiting = true;
        _cancellation = cancellation;
        _timer.Schedule(due);

        // Cancelled on whatever thread, but the timers are the loop's: the cancellation is posted there.
        _registration = cancellation.UnsafeRegister(
            static state => ((LoopDelay)state!).CancelLater(), this);
        return new ValueTask(this, _source.Version);
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _source.GetResult(token);
        }
        finally
        {
            _source.Reset();
            _loop.Delays.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _source.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _source.OnCompleted(continuation, state, token, flags & ~ValueTaskSourceOnCompletedFlags.UseSchedulingContext);

    private void CancelLater() => _loop.Post(static state => ((LoopDelay)state!).CancelIfAsked(), this);

    // Posted by an earlier use, it may come when this object waits for somebody else: then it is not asked.
    private void CancelIfAsked()
    {
        if (_isWaiting && _cancellation.IsCancellationRequested)
        {
            _timer.Cancel();
            End(new OperationCanceledException(_cancellation));
        }
    }

    private void Finish() => End(null);

    private void End(OperationCanceledException? canceled)
    {
        _isWaiting = false;
        _registration.Dispose();
        if (canceled is null)
        {
            _source.SetResult(true);
        }
        else
        {
            _source.SetException(canceled);
        }
    }
}

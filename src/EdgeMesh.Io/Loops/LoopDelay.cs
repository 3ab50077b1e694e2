using System;
using System.Threading;
using System.Threading.Tasks;
using System.Threading.Tasks.Sources;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Loops;

/// <summary>One wait of a given time on a loop.</summary>
internal sealed class LoopDelay : IValueTaskSource
{
    private readonly EventLoop _loop;
    private readonly LoopTimer _timer;
    private readonly Waiter<bool> _waiter;

    public LoopDelay(EventLoop loop)
    {
        _loop = loop;
        _waiter = new Waiter<bool>(loop);
        _timer = loop.CreateTimer(static state => ((LoopDelay)state!).Finish(), this);
    }

    /// <summary>Starts the wait.</summary>
    public ValueTask Start(Instant due, CancellationToken cancellation)
    {
        _timer.Schedule(due);
        return new ValueTask(this, _waiter.Begin(cancellation));
    }

    void IValueTaskSource.GetResult(short token)
    {
        try
        {
            _waiter.GetResult(token);
        }
        finally
        {
            _timer.Cancel();
            _loop.Delays.Return(this);
        }
    }

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _waiter.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _waiter.OnCompleted(continuation, state, token, flags);

    private void Finish()
    {
        if (_waiter.IsWaiting)
        {
            _waiter.End(true);
        }
    }
}

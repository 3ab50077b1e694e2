using System;
using System.Threading;
using System.Threading.Tasks;

namespace EdgeMesh.Io;

/// <summary>One wait of a given time on a loop.</summary>
internal sealed class LoopDelay
{
    private readonly TaskCompletionSource _done = new();
    private readonly LoopTimer _timer;
    private readonly CancellationTokenRegistration _cancelled;

    public LoopDelay(EventLoop loop, TimeSpan delay, CancellationToken cancellation)
    {
        _timer = loop.CreateTimer(static state => ((LoopDelay)state!).Finish(), this);
        _timer.Schedule(loop.Now + delay);
        _cancelled = cancellation.Register(
            static state =>
            {
                LoopDelay delayed = (LoopDelay)state!;
                delayed._timer.Cancel();
                delayed._done.TrySetCanceled();
            },
            this);
    }

    public Task Task => _done.Task;

    private void Finish()
    {
        _cancelled.Dispose();
        _done.TrySetResult();
    }
}

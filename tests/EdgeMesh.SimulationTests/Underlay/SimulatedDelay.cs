using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>One wait of a given time on a simulated loop.</summary>
internal sealed class SimulatedDelay
{
    private readonly InlineSource<bool> _source = new();
    private readonly SimulatedNodeLoop _loop;
    private readonly LoopTimer _timer;
    private CancellationToken _cancellation;
    private CancellationTokenRegistration _registration;

    public SimulatedDelay(SimulatedNodeLoop loop)
    {
        _loop = loop;
        _timer = loop.CreateTimer(static state => ((SimulatedDelay)state!).Finish(), this);
    }

    public ValueTask Start(Instant due, CancellationToken cancellation)
    {
        _timer.Schedule(due);
        _cancellation = cancellation;
        _registration = cancellation.UnsafeRegister(static state => ((SimulatedDelay)state!).CancelLater(), this);
        return _source.End;
    }

    private void CancelLater() => _loop.Post(static state => ((SimulatedDelay)state!).Cancel(), this);

    private void Cancel()
    {
        _timer.Cancel();
        _source.TrySetCanceled(_cancellation);
    }

    private void Finish()
    {
        _registration.Dispose();
        _source.TrySetResult(true);
    }
}

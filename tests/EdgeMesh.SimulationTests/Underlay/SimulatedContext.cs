using System.Threading;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Brings awaits back to their simulated loop.</summary>
internal sealed class SimulatedContext(SimulatedNodeLoop loop) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state) => loop.PostAny(d, state);

    public override void Send(SendOrPostCallback d, object? state)
    {
        loop.CheckOnLoop();
        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}

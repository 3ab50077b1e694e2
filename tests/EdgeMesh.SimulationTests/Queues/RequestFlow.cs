using System;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>A small packet, its answer after the round trip, a pause, and again.</summary>
internal sealed class RequestFlow(TimeSpan roundTrip, TimeSpan pause) : Flow
{
    private const int RequestBytes = 100;
    private long _next;

    public override void HandleArrival(long number, bool isMarked) =>
        Link.After(roundTrip + pause, () => Link.Send(this, _next++, RequestBytes));

    protected override void Begin() => Link.Send(this, _next++, RequestBytes);
}

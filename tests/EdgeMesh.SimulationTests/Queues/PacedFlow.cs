using System;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>A packet at each interval, whatever happens: voice, video, telemetry.</summary>
internal sealed class PacedFlow(int packetBytes, TimeSpan interval) : Flow
{
    public long Sent { get; private set; }

    public override void HandleArrival(long number, bool isMarked)
    {
        // Nobody answers.
    }

    protected override void Begin()
    {
        Link.Send(this, Sent++, packetBytes);
        Link.After(interval, Begin);
    }
}

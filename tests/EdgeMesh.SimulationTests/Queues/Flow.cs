using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>Something that sends over a bottleneck.</summary>
internal abstract class Flow
{
    private readonly List<double> _delays = [];

    public int Index { get; set; }

    public bool UsesEcn { get; init; }

    public long Bytes { get; private set; }

    public int Arrived => _delays.Count;

    protected Bottleneck Link { get; private set; } = null!;

    /// <summary>Waiting and transmission of its packets, milliseconds, at a share of them.</summary>
    public double DelayAt(double share) => _delays.Order().ElementAt((int)((_delays.Count - 1) * share));

    public void Start(Bottleneck link)
    {
        Link = link;
        Begin();
    }

    public void Record(TimeSpan delay, int bytes)
    {
        _delays.Add(delay.TotalMilliseconds);
        Bytes += bytes;
    }

    /// <summary>Forgets what was recorded: the begin of a run is not what counts.</summary>
    public void Forget()
    {
        _delays.Clear();
        Bytes = 0;
    }

    public abstract void HandleArrival(long number, bool isMarked);

    protected abstract void Begin();
}

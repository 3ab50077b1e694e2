using System;
using System.Collections.Generic;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>What the words of a measuring verb say.</summary>
internal sealed record RunSettings
{
    /// <summary>The server.</summary>
    public string To { get; init; } = "";

    /// <summary>Measured time of each sample.</summary>
    public TimeSpan Duration { get; init; }

    /// <summary>Time at the beginning of each sample that doesn't count.</summary>
    public TimeSpan Omit { get; init; }

    /// <summary>A run before the first sample whose figures are thrown away.</summary>
    public TimeSpan Warmup { get; init; }

    /// <summary>From one line of progress to the next.</summary>
    public TimeSpan Interval { get; init; }

    /// <summary>Repetitions.</summary>
    public int Samples { get; init; }

    /// <summary>Flows.</summary>
    public int Streams { get; init; }

    /// <summary>Where bulk goes.</summary>
    public FlowDirection Direction { get; init; }

    /// <summary>Sizes of messages; empty: the verb's own.</summary>
    public IReadOnlyList<int> Sizes { get; init; } = [];

    /// <summary>Size of responses; null: as the requests.</summary>
    public int? ResponseBytes { get; init; }

    /// <summary>The rate as it was written; empty: none.</summary>
    public string Rate { get; init; } = "";

    /// <summary>What the path is called in the report.</summary>
    public string Via { get; init; } = PerfResult.Direct;

    /// <summary>The device that packets must leave by; empty: any.</summary>
    public string Device { get; init; } = "";

    /// <summary>Of the payload.</summary>
    public int Seed { get; init; }

    /// <summary>Whether the caller knows how quiet the machine is: looking takes a third of a second.</summary>
    public bool IsNoiseKnown { get; init; }

    /// <summary>TCP's congestion control; empty: the machine's.</summary>
    public string Congestion { get; init; } = "";

    /// <summary>Whether requests go by UDP.</summary>
    public bool IsUdp { get; init; }

    /// <summary>Datagrams in one send.</summary>
    public int SegmentsPerSend { get; init; } = 1;

    /// <summary>Who counts datagrams.</summary>
    public ArrivalCounting Counting { get; init; }

    /// <summary>How and where the report goes.</summary>
    public required PublishSettings Publish { get; init; }

    /// <summary>Requests per second of a rate, given the size of a message; 0: none.</summary>
    /// <exception cref="PerfException">The rate can't be read.</exception>
    public double RatePerSecond(int messageBytes) => Rate.Length == 0 ? 0
        : UnitText.TryRate(Rate, messageBytes, out double perSecond) ? perSecond
        : throw new PerfException($"--rate {Rate}: write packets per second (5000, 20k/s) or payload (100Mbit/s)");
}

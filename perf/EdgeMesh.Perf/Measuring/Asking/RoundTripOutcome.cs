using System.Collections.Generic;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>What was measured of one run of requests.</summary>
internal sealed record RoundTripOutcome
{
    /// <summary>Delays; from the intended time of sending if there was a rate.</summary>
    public required LatencyRecorder Latency { get; init; }

    /// <summary>Delays from the time of sending. Empty in a closed loop, where both are one.</summary>
    public required LatencyRecorder FromSending { get; init; }

    /// <summary>How late requests left. Empty in a closed loop.</summary>
    public required LatencyRecorder Lateness { get; init; }

    /// <summary>Requests that have no answer, those that never left among them.</summary>
    public long Lost { get; init; }

    /// <summary>Requests that were meant to leave before the end and never did.</summary>
    public long Unsent { get; init; }

    /// <summary>Requests that left.</summary>
    public long Requests { get; init; }

    /// <summary>Responses per second in the measured time.</summary>
    public double PerSecond { get; init; }

    /// <summary>Responses per second of each interval.</summary>
    public IReadOnlyList<double> Series { get; init; } = [];

    /// <summary>Processor seconds of this end.</summary>
    public double ClientCpuSeconds { get; init; }

    /// <summary>Processor seconds of the other end.</summary>
    public double ServerCpuSeconds { get; init; }

    /// <summary>What else the session showed.</summary>
    public required SessionFacts Session { get; init; }
}

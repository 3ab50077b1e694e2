using System.Collections.Generic;

namespace EdgeMesh.Perf.Results;

/// <summary>A figure over the time of a measurement.</summary>
public sealed record TimeSeries
{
    /// <summary>What it is.</summary>
    public required string Name { get; init; }

    /// <summary>Its unit.</summary>
    public required string Unit { get; init; }

    /// <summary>From one value to the next, seconds.</summary>
    public required double IntervalSeconds { get; init; }

    /// <summary>The values, the first of them for the time from 0 to the interval.</summary>
    public required IReadOnlyList<double> Values { get; init; }
}

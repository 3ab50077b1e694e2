using System;
using System.Collections.Generic;
using System.Linq;

namespace EdgeMesh.Perf.Results;

/// <summary>One figure of a test, measured several times.</summary>
public sealed record Metric
{
    /// <summary>What it is: <c>throughput</c>, <c>transactions</c>, <c>p99</c>, ...</summary>
    public required string Name { get; init; }

    /// <summary>Its unit: <c>Gbit/s</c>, <c>1/s</c>, <c>us</c>, <c>%</c>, ... Empty for a count.</summary>
    public required string Unit { get; init; }

    /// <summary>Whether more of it is better.</summary>
    public required bool HigherIsBetter { get; init; }

    /// <summary>One value per repetition of the measurement, in the order they were taken.</summary>
    public required IReadOnlyList<double> Samples { get; init; }

    /// <summary>
    /// Whether <c>compare</c> judges it; false for what only explains the others, such as retransmits.
    /// </summary>
    public bool IsJudged { get; set; } = true;

    /// <summary>The middle of the samples; of an even count the mean of both middles. NaN is never written.</summary>
    public double Median => MedianOf(Samples);

    /// <summary>The least sample.</summary>
    public double Min => Samples.Count == 0 ? 0 : Samples.Min();

    /// <summary>The greatest sample.</summary>
    public double Max => Samples.Count == 0 ? 0 : Samples.Max();

    /// <summary>The middle of some values; 0 of none.</summary>
    public static double MedianOf(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? 0 : (sorted[sorted.Length / 2] + sorted[(sorted.Length - 1) / 2]) / 2;
    }

    /// <summary>A metric of which more is better.</summary>
    public static Metric More(string name, string unit, params ReadOnlySpan<double> samples) => new()
    {
        Name = name,
        Unit = unit,
        HigherIsBetter = true,
        Samples = samples.ToArray(),
    };

    /// <summary>A metric of which less is better.</summary>
    public static Metric Less(string name, string unit, params ReadOnlySpan<double> samples) => new()
    {
        Name = name,
        Unit = unit,
        HigherIsBetter = false,
        Samples = samples.ToArray(),
    };
}

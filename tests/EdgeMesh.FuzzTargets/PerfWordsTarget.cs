using System;
using System.Text;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Thresholds;

namespace EdgeMesh.FuzzTargets;

/// <summary>Words of edgemesh-perf's command line: thresholds, durations, sizes, rates, processors.</summary>
public static class PerfWordsTarget
{
    /// <summary>Reads a text as each of them.</summary>
    /// <param name="bytes">The text.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        string text = Encoding.UTF8.GetString(bytes);
        if (Threshold.Parse(text, out string problem) is { } threshold)
        {
            Invariant.Holds(
                threshold.Metric.Length > 0 && double.IsFinite(threshold.Value) && threshold.Value >= 0,
                "a threshold has a metric and a value");
        }

        Invariant.Holds(problem.Length > 0, "a refusal says what is wrong");
        if (UnitText.TryDuration(text, out TimeSpan duration))
        {
            Invariant.Holds(duration >= TimeSpan.Zero, "no duration is negative");
        }

        if (UnitText.TrySize(text, out int size))
        {
            Invariant.Holds(size > 0, "a size is positive");
        }

        if (UnitText.TryRate(text, 64, out double rate))
        {
            Invariant.Holds(rate >= 0 && double.IsFinite(rate), "a rate is finite");
        }

        _ = CpuAffinity.Parse(text);
    }
}

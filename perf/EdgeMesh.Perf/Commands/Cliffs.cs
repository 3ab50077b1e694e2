using System.Collections.Generic;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>Finds steps of a sweep where a figure is much worse than the step before.</summary>
/// <remarks>
/// A larger message carries more per packet, and more flows share the same road, so throughput should not fall from one
/// step to the next; a delay may grow, but not by more than its message does. A cliff is a fall to less than
/// <see cref="FallShare"/>, or a delay of more than <see cref="RiseFactor"/> times the one before.
/// </remarks>
internal static class Cliffs
{
    /// <summary>Less of the figure before than this is a cliff.</summary>
    public const double FallShare = 0.8;

    /// <summary>More of the delay before than this is a cliff.</summary>
    public const double RiseFactor = 2;

    /// <summary>Notes each cliff at the step after it.</summary>
    public static IEnumerable<PerfResult> Mark(IReadOnlyList<PerfResult> steps, string metric)
    {
        Metric? before = null;
        foreach (PerfResult step in steps)
        {
            Metric? now = step.Find(metric);
            string? note = before is null || now is null ? null : Describe(before, now);
            before = now ?? before;
            yield return note is null ? step : step with { Notes = [.. step.Notes, note] };
        }
    }

    private static string? Describe(Metric before, Metric now)
    {
        bool isCliff = now.HigherIsBetter
            ? now.Median < before.Median * FallShare
            : now.Median > before.Median * RiseFactor;
        return !isCliff
            ? null
            : $"cliff: {now.Name} is {now.Median:0.####} {now.Unit} here, "
                + $"{before.Median:0.####} {before.Unit} one step before";
    }
}

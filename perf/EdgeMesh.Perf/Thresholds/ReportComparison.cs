using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Thresholds;

/// <summary>Two reports, metric by metric.</summary>
/// <remarks>
/// A change is beyond noise if the Mann-Whitney test says so at 5 % where both sides have at least
/// <see cref="SamplesForRanks"/> samples, and if the ranges of the samples do not touch where they have fewer (three
/// and three samples can never reach 5 %). A metric with one sample on a side has no known spread: only the size of the
/// change decides.
/// </remarks>
internal sealed record ReportComparison(IReadOnlyList<MetricChange> Changes, IReadOnlyList<string> Missing)
{
    /// <summary>Samples a side must have for the rank test: 4 and 4 can reach 2.9 %.</summary>
    public const int SamplesForRanks = 4;

    private const double Significance = 0.05;

    /// <summary>Compares.</summary>
    /// <param name="before">The old report.</param>
    /// <param name="after">The new one.</param>
    /// <param name="maxRegressionPercent">How much worse a median may be.</param>
    /// <exception cref="PerfException">They have no metric in common.</exception>
    public static ReportComparison Of(PerfReport before, PerfReport after, double maxRegressionPercent)
    {
        var changes = new List<MetricChange>();
        var missing = new List<string>();
        foreach (PerfResult old in before.Results)
        {
            PerfResult? current =
                after.Results.FirstOrDefault(result => result.Key == old.Key && result.Via == old.Via);
            if (current is null)
            {
                missing.Add($"{old.Key} via {old.Via}");
                continue;
            }

            changes.AddRange(
                from metric in old.Metrics
                let now = current.Find(metric.Name)
                where now is not null && now.IsJudged && now.Unit == metric.Unit
                select Change(old, metric, now, maxRegressionPercent));
        }

        return changes.Count > 0 ? new ReportComparison(changes, missing) : throw new PerfException(
            "the reports have no result in common; compare runs of the same tests with the same parameters");
    }

    private static MetricChange Change(PerfResult result, Metric before, Metric after, double maxRegressionPercent)
    {
        double percent = before.Median == 0
            ? (after.Median == 0 ? 0 : 100)
            : (after.Median - before.Median) / Math.Abs(before.Median) * 100;
        double worse = after.HigherIsBetter ? -percent : percent;
        Verdict verdict = Judge(before.Samples, after.Samples) switch
        {
            Verdict.WithinNoise => Verdict.WithinNoise,
            Verdict.SpreadUnknown => Verdict.SpreadUnknown,
            _ => worse > 0 ? Verdict.Worse : Verdict.Better,
        };
        bool isRegression = verdict is Verdict.Worse or Verdict.SpreadUnknown
            && worse > maxRegressionPercent;
        return new MetricChange(result.Key, result.Via, before, after, percent, verdict, isRegression);
    }

    // Worse stands for "differs" here; the caller knows the direction.
    private static Verdict Judge(IReadOnlyList<double> before, IReadOnlyList<double> after)
    {
        if (before.Count < 2 || after.Count < 2)
        {
            return Verdict.SpreadUnknown;
        }

        bool differs = before.Count >= SamplesForRanks && after.Count >= SamplesForRanks
            ? RankSum.Probability(before, after) < Significance
            : before.Max() < after.Min() || after.Max() < before.Min();
        return differs ? Verdict.Worse : Verdict.WithinNoise;
    }
}

using System.Linq;

namespace EdgeMesh.Perf.Results;

/// <summary>A figure beside plain routing's in the same run.</summary>
/// <param name="Median">Median by the baseline's median.</param>
/// <param name="Min">Least sample by the baseline's median.</param>
/// <param name="Max">Greatest sample by the baseline's median.</param>
public sealed record BaselineRatio(double Median, double Min, double Max)
{
    /// <summary>The ratio of a metric, or null if the run has no baseline of the same test and parameters.</summary>
    public static BaselineRatio? Of(PerfReport report, PerfResult result, Metric metric)
    {
        if (result.Via == PerfResult.Baseline)
        {
            return null;
        }

        double? baseline = report.Results
            .FirstOrDefault(other => other.Via == PerfResult.Baseline && other.Key == result.Key)
            ?.Find(metric.Name)?.Median;
        return baseline is null or 0
            ? null
            : new BaselineRatio(
                metric.Median / baseline.Value, metric.Min / baseline.Value, metric.Max / baseline.Value);
    }
}

using System;
using System.Text;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.FuzzTargets;

/// <summary>Saved reports, and the histograms in them.</summary>
public static class PerfReportTarget
{
    /// <summary>Reads a report; it is taken, or refused with a sentence.</summary>
    /// <param name="bytes">The file.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        HistogramText.TryRead(Encoding.Latin1.GetString(bytes), (value, count) =>
            Invariant.Holds(value >= 0 && count > 0, "a histogram holds values that came"));
        HistogramText.TryRead(Convert.ToBase64String(bytes), (_, _) => { });
        try
        {
            PerfReport report = ReportFile.Parse(bytes, "report");
            foreach (PerfResult result in report.Results)
            {
                Invariant.Holds(result.Key.Length >= result.Test.Length, "a result has a key");
                foreach (Metric metric in result.Metrics)
                {
                    Invariant.Holds(metric.Min <= metric.Max, "the least sample is the least");
                }
            }
        }
        catch (PerfException)
        {
            // Refused.
        }
    }
}

using System;
using System.IO;
using System.Linq;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;
using EdgeMesh.Perf.Thresholds;

namespace EdgeMesh.Perf.Commands;

/// <summary>Writes a report, holds it against thresholds and an older one, and knows the exit code.</summary>
internal static class Publisher
{
    /// <summary>All that is to be done with a finished report.</summary>
    /// <returns>The exit code.</returns>
    /// <exception cref="PerfException">
    /// A file can't be read or written, or a threshold names what was not measured.
    /// </exception>
    public static int Publish(PerfReport report, PublishSettings settings, Terminal terminal)
    {
        if (settings.OutPath.Length > 0)
        {
            ReportWriter.WriteFile(settings.OutPath, report, settings.Format);
            TextReport.Write(terminal.Output, report);
            terminal.Errors.WriteLine($"the report is in {settings.OutPath}");
        }
        else
        {
            ReportWriter.Write(terminal.Output, report, settings.Format);
        }

        terminal.Output.Flush();
        if (settings.HdrPath.Length > 0)
        {
            WriteHistograms(settings.HdrPath, report);
        }

        int failures = 0;
        foreach (string failure in settings.Thresholds.SelectMany(threshold => threshold.Check(report)))
        {
            // Each at once: a later one that can't be checked must not hide it.
            terminal.Errors.WriteLine($"failed: {PlainText.Of(failure)}");
            failures++;
        }

        bool isWorse = settings.Before is not null
            && Compare(settings.Before, report, settings.MaxRegressionPercent, terminal.Errors);
        return failures > 0 || isWorse ? ExitCodes.ThresholdFailed : ExitCodes.Success;
    }

    /// <summary>Writes a comparison.</summary>
    /// <returns>Whether something regressed.</returns>
    public static bool Compare(PerfReport before, PerfReport after, double maxRegressionPercent, TextWriter output)
    {
        var comparison = ReportComparison.Of(before, after, maxRegressionPercent);
        var table = new TextTable("result", "metric", ">before", ">after", "unit", ">change", "verdict");
        foreach (MetricChange change in comparison.Changes)
        {
            table.Add(
                $"{change.Key} via {change.Via}", change.After.Name, FigureText.Of(change.Before.Median),
                FigureText.Of(change.After.Median), change.After.Unit, $"{change.Percent:+0.0;-0.0;0} %", Word(change));
        }

        table.WriteAligned(output, "");
        foreach (string missing in comparison.Missing)
        {
            output.WriteLine($"only in the old report: {PlainText.Of(missing)}");
        }

        int regressions = comparison.Changes.Count(change => change.IsRegression);
        output.WriteLine(regressions == 0
            ? $"no regression beyond {maxRegressionPercent:0.#} %"
            : $"{regressions} regressions beyond {maxRegressionPercent:0.#} %");
        return regressions > 0;
    }

    private static string Word(MetricChange change) => change.Verdict switch
    {
        Verdict.Better => "better",
        Verdict.Worse => change.IsRegression ? "worse: regression" : "worse",
        Verdict.SpreadUnknown =>
            change.IsRegression ? "regression, spread unknown (one sample)" : "spread unknown (one sample)",
        _ => "within noise",
    };

    private static void WriteHistograms(string path, PerfReport report)
    {
        var histograms = (
            from result in report.Results
            from delays in result.Latencies
            where delays.Histogram is not null
            let recorder = LatencyRecorder.FromBase64(delays.Histogram!)
            where recorder is not null
            select ($"{result.Key} {result.Via} {delays.Name}", recorder)).ToList();
        try
        {
            using var file = new StreamWriter(path);
            LatencyRecorder.WriteLog(file, report.Meta.StartTime, histograms);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new PerfException(
                $"--hdr {path} can't be written ({e.Message}); name a file in a directory that is yours", e);
        }
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>A report as comma-separated values (RFC 4180), one line per metric and one per percentile.</summary>
internal static class CsvReport
{
    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PerfReport report)
    {
        WriteLine(output, ["test", "via", "parameters", "metric", "unit", "median", "min", "max", "samples", "ratio"]);
        foreach (PerfResult result in report.Results)
        {
            string parameters = string.Join(
                ' ', result.Parameters.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"));
            string[] head = [result.Test, result.Via, parameters];
            foreach (Metric metric in result.Metrics)
            {
                BaselineRatio? ratio = BaselineRatio.Of(report, result, metric);
                WriteLine(output,
                [
                    .. head, metric.Name, metric.Unit, FigureText.Exact(metric.Median), FigureText.Exact(metric.Min),
                    FigureText.Exact(metric.Max), string.Join(' ', metric.Samples.Select(FigureText.Exact)),
                    ratio is null ? "" : FigureText.Exact(ratio.Median),
                ]);
            }

            foreach (LatencySummary delays in result.Latencies)
            {
                foreach ((string name, double value) in Percentiles(delays))
                {
                    string figure = FigureText.Exact(value);
                    WriteLine(output, [.. head, $"{delays.Name} {name}", "us", figure, figure, figure, figure, ""]);
                }
            }
        }
    }

    private static (string Name, double Value)[] Percentiles(LatencySummary delays) =>
    [
        ("p50", delays.P50), ("p90", delays.P90), ("p99", delays.P99), ("p99.9", delays.P999),
        ("p99.99", delays.P9999), ("max", delays.Max),
    ];

    // RFC 4180 ends lines with CR LF; what reads CSV on Linux takes LF, and so do tools there.
    private static void WriteLine(TextWriter output, IEnumerable<string> cells) =>
        output.Write(string.Join(',', cells.Select(Quote)) + "\n");

    // A cell that begins like a formula is one for spreadsheets: a quote in front makes it text.
    private static string Quote(string cell)
    {
        string safe = cell.Length > 0 && cell[0] is '=' or '+' or '@' ? $"'{cell}" : cell;
        return safe.AsSpan().ContainsAny(",\"\r\n")
            ? $"\"{safe.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
            : safe;
    }
}

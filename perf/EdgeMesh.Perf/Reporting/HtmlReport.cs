using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>A report as one page: nothing is fetched, nothing runs, all text is escaped.</summary>
internal static class HtmlReport
{
    private const string Head = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>edgemesh-perf</title>
        <style>
        body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem;
          color: #1c2128; }
        table { border-collapse: collapse; margin: .6rem 0 1.4rem; font-variant-numeric: tabular-nums; }
        th, td { padding: .2rem .7rem; text-align: left; border-bottom: 1px solid #d8dee4; }
        td.n, th.n { text-align: right; }
        svg { width: 100%; max-width: 760px; display: block; margin: 1rem 0; }
        svg text { fill: #1c2128; font: 12px system-ui, sans-serif; }
        svg .title { font-size: 14px; font-weight: 600; }
        svg .grid { stroke: #d8dee4; }
        svg .whisker { stroke: #1c2128; }
        svg polyline { fill: none; stroke-width: 1.8; }
        @media (prefers-color-scheme: dark) {
          body { background: #0d1117; color: #e6edf3; } th, td { border-color: #30363d; }
          svg text { fill: #e6edf3; } svg .grid { stroke: #30363d; } svg .whisker { stroke: #e6edf3; } }
        </style>
        </head>
        <body>
        <h1>edgemesh-perf</h1>
        """;

    /// <summary>Writes it.</summary>
    public static void Write(TextWriter output, PerfReport report)
    {
        output.WriteLine(Head);
        WriteBars(output, report);
        foreach (IGrouping<string, PerfResult> group in report.Results.GroupBy(result => result.Key))
        {
            output.WriteLine($"<h2>{Escape(group.Key)}</h2>");
            WriteTable(output, ReportTables.Metrics(report, group));
            WriteSeries(output, group);
            WriteDistributions(output, group);
            WriteTable(output, ReportTables.Latencies(group));
            WriteTable(output, ReportTables.Costs(group));
            WriteNotes(output, group.SelectMany(result => result.Notes).Distinct());
        }

        output.WriteLine("<h2>Machine</h2>");
        WriteTable(output, ReportTables.Meta(report.Meta));
        WriteNotes(output, report.Meta.Notes);
        output.WriteLine("</body>\n</html>");
    }

    // One chart per test and metric that several results have: alternatives beside each other, size by size.
    private static void WriteBars(TextWriter output, PerfReport report)
    {
        foreach (IGrouping<string, PerfResult> test in report.Results.GroupBy(result => result.Test))
        {
            foreach (string name in test.SelectMany(result => result.Metrics).Where(metric => metric.IsJudged)
                .Select(metric => metric.Name).Distinct())
            {
                Metric[] all = [.. test.Select(result => result.Find(name)).OfType<Metric>()];
                var bars = new SvgBars($"{test.Key}: {name}", all[0].Unit);
                foreach (PerfResult result in test)
                {
                    if (result.Find(name) is { } metric && metric.Unit == all[0].Unit)
                    {
                        bars.Add(result.Key, result.Via, metric);
                    }
                }

                if (!bars.IsEmpty && (name is "throughput" or "packets" or "transactions" or "p99" or "loaded-p99"))
                {
                    bars.Write(output);
                }
            }
        }
    }

    private static void WriteSeries(TextWriter output, IEnumerable<PerfResult> results)
    {
        foreach (var group in results
            .SelectMany(result => result.Series.Select(series => (result.Via, Series: series)))
            .GroupBy(pair => (pair.Series.Name, pair.Series.Unit)))
        {
            var chart = new SvgChart($"{group.Key.Name} over time", "seconds", group.Key.Unit);
            foreach ((string via, TimeSeries series) in group)
            {
                chart.Add(via, [.. series.Values.Select((value, i) => ((i + 1) * series.IntervalSeconds, value))]);
            }

            if (!chart.IsEmpty)
            {
                chart.Write(output);
            }
        }
    }

    private static void WriteDistributions(TextWriter output, IEnumerable<PerfResult> results)
    {
        var chart = new SvgChart(
            "Delays: share at most this long", "microseconds, logarithmic", "%", isLogarithmic: true);
        foreach (PerfResult result in results)
        {
            foreach (LatencySummary delays in result.Latencies)
            {
                if (delays.Histogram is { } text && LatencyRecorder.FromBase64(text) is { Count: > 0 } recorder)
                {
                    chart.Add(
                        $"{result.Via}, {delays.Name}",
                        [.. recorder.Cumulate().Select(point => (point.Micros, point.Share * 100))]);
                }
            }
        }

        if (!chart.IsEmpty)
        {
            chart.Write(output);
        }
    }

    private static void WriteTable(TextWriter output, TextTable? table)
    {
        if (table is null || table.Rows.Count == 0)
        {
            return;
        }

        string Cells(IReadOnlyList<string> cells, string tag) => string.Concat(cells.Select((cell, i) =>
            $"<{tag}{(table.IsRightAligned(i) ? " class=\"n\"" : "")}>{Escape(cell)}</{tag}>"));
        output.WriteLine("<table>");
        if (table.Headings.Any(heading => heading.Length > 0))
        {
            output.WriteLine($"<tr>{Cells(table.Headings, "th")}</tr>");
        }

        foreach (IReadOnlyList<string> row in table.Rows)
        {
            output.WriteLine($"<tr>{Cells(row, "td")}</tr>");
        }

        output.WriteLine("</table>");
    }

    private static void WriteNotes(TextWriter output, IEnumerable<string> notes)
    {
        foreach (string note in notes)
        {
            output.WriteLine($"<p>{Escape(note)}</p>");
        }
    }

    private static string Escape(string text) => WebUtility.HtmlEncode(PlainText.Of(text));
}

using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Reporting;

/// <summary>The tables of a report; every written form shows the same ones.</summary>
internal static class ReportTables
{
    /// <summary>Metrics of all results of one test and set of parameters, alternatives below each other.</summary>
    public static TextTable Metrics(PerfReport report, IEnumerable<PerfResult> results)
    {
        bool hasBaseline = report.Results.Any(result => result.Via == PerfResult.Baseline);
        string[] headings = ["via", "metric", ">median", "unit", ">least .. greatest", ">samples"];
        var table = new TextTable(hasBaseline ? [.. headings, ">beside baseline"] : headings);

        // One metric after the other: what is compared stands below each other, however many alternatives there are.
        foreach (var (result, metric) in results
            .SelectMany(result => result.Metrics.Select(metric => (Result: result, Metric: metric)))
            .GroupBy(row => row.Metric.Name)
            .SelectMany(rows => rows))
        {
            string[] cells =
            [
                result.Via, metric.Name, FigureText.Of(metric, metric.Median), metric.Unit,
                FigureText.Range(metric), metric.Samples.Count.ToString(CultureInfo.InvariantCulture),
            ];
            table.Add(hasBaseline
                ? [.. cells, FigureText.Of(BaselineRatio.Of(report, result, metric))]
                : cells);
        }

        return table;
    }

    /// <summary>Distributions of delays of the same results, or null if they have none.</summary>
    public static TextTable? Latencies(IEnumerable<PerfResult> results)
    {
        var table = new TextTable(
            "via", "delays, us", ">count", ">lost", ">p50", ">p90", ">p99", ">p99.9", ">p99.99", ">max");
        foreach (PerfResult result in results)
        {
            foreach (LatencySummary delays in result.Latencies)
            {
                table.Add(
                    result.Via, delays.Name, FigureText.Count(delays.Count), FigureText.Count(delays.Lost),
                    FigureText.Of(delays.P50), FigureText.Of(delays.P90), FigureText.Of(delays.P99),
                    FigureText.Of(delays.P999), FigureText.Of(delays.P9999), FigureText.Of(delays.Max));
            }
        }

        return table.Rows.Count == 0 ? null : table;
    }

    /// <summary>Costs of the same results, or null if they have none.</summary>
    public static TextTable? Costs(IEnumerable<PerfResult> results)
    {
        var table = new TextTable(
            "via", "process", ">CPU s/Gbit", ">RSS KiB", ">peak KiB", ">bytes/packet", ">calls/packet",
                ">packets/batch");
        foreach (PerfResult result in results)
        {
            foreach (ProcessCost cost in result.Costs)
            {
                table.Add(
                    result.Via, cost.Name, Optional(cost.CpuSecondsPerGbit), Optional(cost.ResidentKiB),
                    Optional(cost.PeakResidentKiB), Optional(cost.AllocatedBytesPerPacket),
                    Optional(cost.SystemCallsPerPacket), Optional(cost.PacketsPerBatch));
            }
        }

        return table.Rows.Count == 0 ? null : table;
    }

    /// <summary>Machine and circumstances: a name and a value per row.</summary>
    public static TextTable Meta(ReportMeta meta)
    {
        var table = new TextTable("", "");
        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                table.Add(name, value);
            }
        }

        Add("measured", meta.StartTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture));
        Add("command", $"edgemesh-perf {meta.CommandLine}");
        Add("edgemesh-perf", meta.PerfVersion);
        Add("kernel", meta.Kernel);
        Add("processor",
            $"{meta.CpuModel}, {meta.Cores} "
                + $"cores{(meta.CpuGovernor.Length > 0 ? $", governor {meta.CpuGovernor}" : "")}");
        Add("memory", $"{meta.MemoryMiB} MiB");
        Add("placement", meta.Placement);
        Add("MTU", meta.MtuBytes > 0 ? meta.MtuBytes.ToString(CultureInfo.InvariantCulture) : "");
        Add("congestion control", meta.CongestionControl);
        if (meta.Noise is { } noise)
        {
            Add("machine before the run", string.Create(
                CultureInfo.InvariantCulture,
                $"{noise.BusyPercent:0.0} % busy with others, {noise.StolenPercent:0.0} % stolen, the same work "
                    + $"took up to {noise.SpreadPercent:0.0} % longer"));
        }

        foreach ((string name, string value) in meta.Versions.OrderBy(pair => pair.Key))
        {
            Add($"version of {name}", value);
        }

        foreach ((string name, string value) in meta.BackEnds.OrderBy(pair => pair.Key))
        {
            Add($"back ends of {name}", value);
        }

        return table;
    }

    private static string Optional(double? value) => value is null ? "" : FigureText.Of(value.Value);
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Scale;

/// <summary>The results of a simulation, as a report and as the table of docs/performance.md.</summary>
internal static class ScaleResults
{
    private const string Via = "edgemesh";

    /// <summary>What the table shows, in order.</summary>
    private static readonly ScaleBar[] Bars =
    [
        new("whole mesh at a node after the controller's start", "cluster-start", "mesh-after"),
        new("controller, idle, resident memory", "cluster-idle", "controller-resident-max", 250),
        new("controller, churn, resident memory", "cluster-churn", "controller-resident-max", 250),
        new("controller, idle, CPU", "cluster-idle", "controller-cpu"),
        new("controller, churn, CPU", "cluster-churn", "controller-cpu"),
        new("node's control process, idle, resident memory", "cluster-idle", "node-resident-max", 30),
        new("node's control process, churn, resident memory", "cluster-churn", "node-resident-max", 30),
        new("of it, without pages of files", "cluster-churn", "node-anonymous"),
        new("node's control process, idle, CPU", "cluster-idle", "node-cpu"),
        new("node's control process, churn, CPU", "cluster-churn", "node-cpu"),
        new("to a node, idle", "cluster-idle", "node-received", 1),
        new("to a node, churn", "cluster-churn", "node-received", 20),
        new("pod to document at a node, p50", "cluster-churn", "at-node-p50"),
        new("pod to document at a node, p99", "cluster-churn", "at-node-p99", 3),
        new("pod to change at watchers, p50", "cluster-churn", "at-watchers-p50"),
        new("pod to change at watchers, p99", "cluster-churn", "at-watchers-p99", 3),
    ];

    /// <summary>The report's results.</summary>
    public static IReadOnlyList<PerfResult> Of(ScaleRequest request, ScaleRun run, IEnumerable<ScalePhase> phases) =>
    [
        new PerfResult
        {
            Test = "cluster-start",
            Via = Via,
            Parameters = Parameters(request),
            Metrics =
            [
                Metric.Less("mesh-after", "s", run.MeshAfter.TotalSeconds),
                Metric.Less("prefixes", "", run.Prefixes) with { IsJudged = false },
            ],
        },
        .. phases.Select(phase => Of(request, phase)),
    ];

    /// <summary>The table.</summary>
    public static string Table(PerfReport report)
    {
        var text = new StringBuilder();
        PerfResult start = report.Results[0];
        ReportMeta meta = report.Meta;
        string parameters = string.Join(", ", start.Parameters.Select(pair => $"{pair.Key} {pair.Value}"));
        text.Append(CultureInfo.InvariantCulture, $"""
            {meta.CpuModel}, {meta.Cores} cores, Linux {meta.Kernel}; {meta.StartTime.UtcDateTime:yyyy-MM-dd},
            commit of edgemesh-perf {meta.PerfVersion}. Before the run others used {meta.Noise?.BusyPercent ?? 0:0} % of
            the cores. {parameters}; the mesh document has {start.Find("prefixes")!.Median:0} prefixes. **Bold** bars
            are missed.

            | figure | unit | edgemesh | at most |
            |---|---|---|---|

            """);
        foreach (ScaleBar bar in Bars)
        {
            if (report.Results.FirstOrDefault(result => result.Test == bar.Test)?.Find(bar.Metric) is not { } metric)
            {
                continue;
            }

            string limit = bar.AtMost is { } most ? most.ToString(CultureInfo.InvariantCulture) : "";
            bool isMissed = bar.AtMost < metric.Median;
            text.Append(
                CultureInfo.InvariantCulture,
                $"| {bar.Name} | {metric.Unit} | {FigureText.Of(metric.Median)} | ");
            text.Append(isMissed ? $"**{limit}**" : limit).Append(" |\n");
        }

        foreach (string note in report.Results.SelectMany(result => result.Notes))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n- {note}");
        }

        return text.Append('\n').ToString();
    }

    /// <summary>Which bars a report misses, a sentence each.</summary>
    public static IEnumerable<string> Missed(PerfReport report) =>
        from bar in Bars
        let metric = report.Results.FirstOrDefault(result => result.Test == bar.Test)?.Find(bar.Metric)
        where metric is not null && bar.AtMost < metric.Median
        select $"{bar.Name}: {FigureText.Of(metric.Median)} {metric.Unit}, the bar is {bar.AtMost}";

    private static PerfResult Of(ScaleRequest request, ScalePhase phase)
    {
        List<Metric> metrics = [.. Costs("controller", phase.Controller), .. Costs("node", phase.Node)];
        var result = new PerfResult
        {
            Test = $"cluster-{phase.Name}",
            Via = Via,
            Parameters = Parameters(request),
        };
        if (phase.Pods == 0)
        {
            result.Metrics = metrics;
            return result;
        }

        foreach ((string name, Measuring.LatencyRecorder delays) in
            new[] { ("at-node", phase.AtNode), ("at-watchers", phase.AtWatchers) })
        {
            metrics.Add(Metric.Less($"{name}-p50", "s", delays.PercentileMicros(50) / 1e6));
            metrics.Add(Metric.Less($"{name}-p99", "s", delays.PercentileMicros(99) / 1e6));
            metrics.Add(Metric.Less($"{name}-max", "s", delays.MaxMicros / 1e6) with { IsJudged = false });
        }

        result.Metrics = metrics;
        result.Latencies =
        [
            phase.AtNode.Summarize("pod to document at the node", phase.MissingAtNode),
            phase.AtWatchers.Summarize("pod to change at watchers", phase.MissingAtWatchers),
        ];
        if (phase.MissingAtNode + phase.MissingAtWatchers > 0)
        {
            result.Notes =
            [
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"of {phase.Pods} pods {phase.MissingAtNode} did not come to the node, and "
                    + $"{phase.MissingAtWatchers} of {(long)phase.Pods * request.Watchers} sightings to the watchers: "
                    + $"an address that one pod of a node leaves and another takes within one change is none"),
            ];
        }

        return result;
    }

    private static IEnumerable<Metric> Costs(string who, PhaseCost cost) =>
    [
        Metric.Less($"{who}-cpu", "% of a core", cost.CpuPercent),
        Metric.Less($"{who}-resident", "MiB", cost.ResidentMiB),
        Metric.Less($"{who}-resident-max", "MiB", cost.ResidentMaxMiB),
        Metric.Less($"{who}-anonymous", "MiB", cost.AnonymousMiB),
        Metric.Less($"{who}-received", "MiB/h", cost.ReceivedMiBPerHour),
        Metric.Less($"{who}-sent", "MiB/h", cost.SentMiBPerHour),
        Metric.Less($"{who}-requests", "1/h", cost.RequestsPerHour) with { IsJudged = false },
    ];

    private static Dictionary<string, string> Parameters(ScaleRequest request) => new(StringComparer.Ordinal)
    {
        ["nodes"] = request.Plan.Nodes.ToString(CultureInfo.InvariantCulture),
        ["pods"] = request.Plan.Pods.ToString(CultureInfo.InvariantCulture),
        ["pods-per-minute"] = request.ChangesPerMinute.ToString(CultureInfo.InvariantCulture),
        ["watchers"] = request.Watchers.ToString(CultureInfo.InvariantCulture),
    };
}

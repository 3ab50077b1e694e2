using System.Collections.Generic;
using System.Globalization;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>A run of <c>ping</c> as a result.</summary>
internal static class PingResult
{
    /// <summary>The result of one run.</summary>
    /// <param name="path">What it went through.</param>
    /// <param name="bulkFlows">Flows of bulk beside it.</param>
    /// <param name="run">The run.</param>
    /// <exception cref="PerfException">Not one answer came.</exception>
    public static PerfResult Of(LabPath path, int bulkFlows, PingRun run)
    {
        if (run.RoundTripMicros.Count == 0)
        {
            throw new PerfException($"{path.Name}: no ping was answered: {run.Output.Trim()}");
        }

        var recorder = new LatencyRecorder();
        foreach (double micros in run.RoundTripMicros)
        {
            recorder.Record((long)(micros * 1000));
        }

        return new PerfResult
        {
            Test = "ping",
            Via = path.Name,
            Parameters = new Dictionary<string, string>
            {
                ["bulk-flows"] = bulkFlows.ToString(CultureInfo.InvariantCulture),
            },
            Latencies = [recorder.Summarize("round trip", run.Sent - run.RoundTripMicros.Count)],
            Metrics =
            [
                Metric.Less("p50", "us", run.Median),
                Metric.Less("p99", "us", run.Percentile99),
                Metric.Less("lost", "", run.Sent - run.RoundTripMicros.Count),
            ],
        };
    }
}

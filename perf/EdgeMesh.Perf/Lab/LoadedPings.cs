using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Round trips of <c>ping</c> while bulk flows of TCP go the same way as fast as they can.</summary>
internal static class LoadedPings
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>Before the first request: the bulk flows have to reach their rate.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(0.7);

    /// <summary>After the last request: no answer may come on an idle path.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(0.5);

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration) => duration + WarmUp + Rest + TimeSpan.FromSeconds(0.3);

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(
        LabPath path, int flows, TimeSpan duration, CancellationToken stop)
    {
        TimeSpan bulk = duration + WarmUp + Rest;
        Task<PerfResult> load = path.RunEngineAsync(
            [
                "tcp", "--congestion", LabTests.Congestion, "--streams", flows.ToString(CultureInfo.InvariantCulture),
                "--duration", LabTests.Seconds(bulk), "--omit", "0",
            ],
            bulk,
            stop);
        await Task.Delay(WarmUp, stop);
        PingRun run = await PingRun.RunAsync(
            path.From.Network, path.To.Plan.Address4, (int)(duration / Interval), Interval);
        bool isLoaded = !load.IsCompleted;
        PerfResult loaded = await load;
        PerfResult result = PingResult.Of(path, flows, run);
        return result with
        {
            Metrics =
            [
                .. result.Metrics,
                Metric.More("throughput", "Gbit/s", loaded.Find("throughput")?.Median ?? 0),
            ],
            Notes = isLoaded ? [] : ["the last pings came after the end of the bulk flows"],
        };
    }
}

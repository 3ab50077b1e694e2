using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Round trips of <c>ping</c> on an idle path: the far end is the pod's kernel, nothing else.</summary>
internal static class IdlePings
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration) => duration + TimeSpan.FromMilliseconds(100);

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(LabPath path, TimeSpan duration, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        PingRun run = await PingRun.RunAsync(
            path.From.Network, path.To.Plan.Address4, (int)(duration / Interval), Interval);
        return PingResult.Of(path, 0, run);
    }
}

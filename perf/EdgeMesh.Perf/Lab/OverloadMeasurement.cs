using System;
using System.Collections.Generic;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// UDP as much as one sender can, and what of it arrives whole, beside what TCP carries in the same sample. Counted by
/// the receiving kernel: of a fragmented datagram all or nothing.
/// </summary>
internal static class OverloadMeasurement
{
    /// <summary>
    /// The metrics of what arrived begin so: as a share of what TCP carried, or of what the sender offered where that
    /// was less.
    /// </summary>
    public const string SharePrefix = "share-";

    private const double BitsPerByte = 8;
    private const double BitsPerGigabit = 1e9;

    private static readonly (string Name, int MessageBytes, int Segments)[] Loads =
    [
        ("46x1400", 1400, 46),
        ("16k", 16 << 10, 1),
        ("64k", 65_507, 1), // the largest that UDP has over IPv4
    ];

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration) =>
        (1 + Loads.Length) * (duration + LabTests.Omit + TimeSpan.FromSeconds(0.25));

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(LabPath path, TimeSpan duration, CancellationToken stop)
    {
        PerfResult tcp = await RunAsync(path, duration, stop, "tcp", "--congestion", LabTests.Congestion);
        double carried = tcp.Find("throughput")?.Median ?? 0;
        List<Metric> metrics = [Metric.More("tcp", "Gbit/s", carried)];
        foreach ((string name, int bytes, int segments) in Loads)
        {
            PerfResult udp = await RunAsync(
                path, duration, stop,
                "udp", "--count", "kernel", "--msg-size", Number(bytes), "--segments", Number(segments));
            double goodput = udp.Find("throughput")?.Median ?? 0;
            double offered = (udp.Find("sent")?.Median ?? 0) * bytes * BitsPerByte / BitsPerGigabit;
            double most = Math.Min(carried, offered);
            metrics.Add(Metric.More(name, "Gbit/s", goodput));
            metrics.Add(Metric.More(SharePrefix + name, "x", most > 0 ? goodput / most : 0));
            metrics.Add(Metric.More("offered-" + name, "Gbit/s", offered) with { IsJudged = false });
        }

        return new PerfResult { Test = "overload", Via = path.Name, Metrics = metrics };
    }

    private static Task<PerfResult> RunAsync(
        LabPath path, TimeSpan duration, CancellationToken stop, params string[] words) => path.RunEngineAsync(
            [.. words, "--duration", LabTests.Seconds(duration), "--omit", LabTests.Seconds(LabTests.Omit)],
            (2 * duration) + LabTests.Omit,
            stop);

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

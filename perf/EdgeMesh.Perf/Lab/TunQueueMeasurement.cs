using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// What the queue of the TUN link itself drops, before the dataplane can read it: beside a plain flood of UDP, and
/// beside TCP of a pod whose link makes packets of up to 192 KiB, which the node's kernel cuts into a train of small
/// ones.
/// </summary>
internal static class TunQueueMeasurement
{
    /// <summary>The metric of the share that is dropped of a UDP flood.</summary>
    public const string UdpDroppedShare = "udp-dropped-share";

    /// <summary>The metric of the share that is dropped of TCP with large packets.</summary>
    public const string TcpDroppedShare = "tcp-dropped-share";

    private const string Link = "edge_tun0"; // SharedConstantTests holds it to the product's
    private const int GsoBytesMax = 196_608; // 3 x 65536
    private const int GsoBytesDefault = 65_536;
    private const int TransmitPackets = 9; // fields of a line of /proc/net/dev, after the name
    private const int TransmitDropped = 11;

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration) =>
        2 * (duration + LabTests.Omit + TimeSpan.FromSeconds(0.5));

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(LabPath path, TimeSpan duration, CancellationToken stop)
    {
        List<Metric> metrics = [];
        (long passed, long dropped) = Read(path);
        PerfResult udp = await path.RunEngineAsync(
            [
                "udp", "--count", "kernel", "--msg-size", "1200", "--duration", LabTests.Seconds(duration), "--omit",
                LabTests.Seconds(LabTests.Omit),
            ],
            duration + LabTests.Omit,
            stop);
        metrics.Add(Metric.More("udp-packets", "1/s", udp.Find(LabTests.Delivered)?.Median ?? 0));
        metrics.AddRange(Since(path, passed, dropped, "udp"));

        (passed, dropped) = Read(path);
        PerfResult tcp = await WithLargePacketsAsync(path, duration, stop);
        metrics.Add(Metric.More("tcp-throughput", "Gbit/s", tcp.Find("throughput")?.Median ?? 0));
        metrics.Add(Metric.Less("tcp-retransmits", "", tcp.Find("retransmits")?.Median ?? 0));
        metrics.AddRange(Since(path, passed, dropped, "tcp"));
        return new PerfResult { Test = "tun-queue", Via = path.Name, Metrics = metrics };
    }

    private static async Task<PerfResult> WithLargePacketsAsync(
        LabPath path, TimeSpan duration, CancellationToken stop)
    {
        path.From.SetLargestPacket(GsoBytesMax);
        try
        {
            return await path.RunEngineAsync(
                [
                    "tcp", "--congestion", LabTests.Congestion, "--duration", LabTests.Seconds(duration), "--omit",
                    LabTests.Seconds(LabTests.Omit),
                ],
                duration + LabTests.Omit,
                stop);
        }
        finally
        {
            path.From.SetLargestPacket(GsoBytesDefault);
        }
    }

    private static IEnumerable<Metric> Since(LabPath path, long passed, long dropped, string name)
    {
        (long passedNow, long droppedNow) = Read(path);
        long lost = droppedNow - dropped;
        long all = passedNow - passed + lost;
        return
        [
            Metric.Less(name + "-dropped", "", lost),
            Metric.Less(name + "-dropped-share", "%", all > 0 ? 100.0 * lost / all : 0),
        ];
    }

    // Packets that the link took from the node, and those that it dropped; zeros of plain routing, which has none.
    private static (long Passed, long Dropped) Read(LabPath path)
    {
        if (path.Alternative.Plan.Kind != AlternativeKind.EdgeMesh)
        {
            return (0, 0);
        }

        string? line = path.From.Node.Network.ReadFile("/proc/net/dev").Split('\n')
            .FirstOrDefault(candidate => candidate.TrimStart().StartsWith(Link + ":", StringComparison.Ordinal));
        if (line is null)
        {
            throw new LabException($"{path.Name}: node {path.From.Node.Name} has no link {Link}");
        }

        string[] fields = line[(line.IndexOf(':') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return (
            long.Parse(fields[TransmitPackets], CultureInfo.InvariantCulture),
            long.Parse(fields[TransmitDropped], CultureInfo.InvariantCulture));
    }
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Everything that the lab measures, in the order in which it does.</summary>
internal static class LabTests
{
    /// <summary>The metric of datagrams that arrived.</summary>
    public const string Delivered = "packets";

    /// <summary>The metric of Jain's index.</summary>
    public const string Fairness = "fairness";

    /// <summary>The metric of the small flow's median beside bulk.</summary>
    public const string LoadedMedian = "loaded-p50";

    /// <summary>The metric of the small flow's 99th percentile beside bulk.</summary>
    public const string Loaded99 = "loaded-p99";

    /// <summary>What most machines have, so that figures of two machines differ by less.</summary>
    public const string Congestion = "cubic";

    /// <summary>At the beginning of bulk, not counted: slow start, and everything that wakes up.</summary>
    public static readonly TimeSpan Omit = TimeSpan.FromSeconds(0.5);

    /// <summary>Starting a program, connecting, collecting.</summary>
    private static readonly TimeSpan Overhead = TimeSpan.FromSeconds(0.25);

    private static readonly TimeSpan CurveDuration = TimeSpan.FromSeconds(1);

    private static readonly int[] SizesSwept = [64, 256, 1024, 1400];

    /// <summary>Datagrams that leave in one send, which offloads carry as one packet of up to 64 KiB.</summary>
    private static readonly int[] SegmentsSwept = [2, 8, 46];

    /// <summary>Datagrams that the pod has to fragment.</summary>
    private static readonly int[] FragmentedSwept = [4096, 16384, 65507];

    private static readonly int[] FlowsSwept = [1, 2, 4, 8, 16, 32, 64];

    private static readonly int[] BurstsSwept = [1, 3, 10];

    /// <summary>All tests.</summary>
    public static IReadOnlyList<LabTest> All { get; } =
    [
        Tcp("tcp1", "TCP, 1 flow", 1),
        Tcp("tcp4", "TCP, 4 flows", 4),
        Udp("udp64", "UDP, 64 B, flat out", 64),
        Udp("udp1200", "UDP, 1200 B, flat out", 1200),
        new LabTest("ping", "ping, idle", "p50", IdlePings.Estimate, IdlePings.SampleAsync)
        {
            Coverage = LabCoverage.Everything,
        },
        LoadedPing("ping-load1", 1, LabCoverage.Everything),
        LoadedPing("ping-load4", 4, LabCoverage.Main),
        Engine("rr", "TCP request/response, 64 B", "p50", "rr", "--msg-size", "64"),
        Engine("rr-udp", "UDP request/response, 64 B", "p50", "rr", "--protocol", "udp", "--msg-size", "64"),
        Load("load1", 1),
        Load("load4", 4),
        Engine("fair", "fairness of 8 flows", Fairness, "tcp", "--congestion", Congestion, "--streams", "8"),
        .. SizesSwept.Select(Size),
        .. SegmentsSwept.Select(Segments),
        .. FragmentedSwept.Select(Size),
        .. FlowsSwept.Select(Flows),
        .. BurstsSwept.Select(Burst),
        SlowPeers("slow-peers", "ping beside a flood to 2 slow peers of 3", new SlowPeersPlan(3, 2)),
        SlowPeers(
            "stopped-peers", "ping beside a flood to 2 stopped peers of 3",
            new SlowPeersPlan(3, 2) { IsStopped = true }) with
        {
            Coverage = LabCoverage.Product, // plain routing has no process that could be stopped
        },
        SlowPeers(
            "slow-peers-pool-1", "ping beside a flood to 2 slow peers of 3, 1 MiB of pool",
            new SlowPeersPlan(3, 2) { PoolMebibytes = "1" }) with
        {
            Coverage = LabCoverage.Product, // nor a pool of buffers
        },
        SlowPeers("slow-peers-7", "ping beside a flood to 7 slow peers of 8", new SlowPeersPlan(8, 7)),
        new LabTest(
            "overload", "UDP flat out, what arrives whole", OverloadMeasurement.SharePrefix + "46x1400",
            OverloadMeasurement.Estimate, OverloadMeasurement.SampleAsync)
        {
            Coverage = LabCoverage.PlainAndProduct,
            RoundsMax = CurveRounds,
        },
        new LabTest(
            "tun-queue", "drops of the TUN's own queue", TunQueueMeasurement.UdpDroppedShare,
            TunQueueMeasurement.Estimate, TunQueueMeasurement.SampleAsync)
        {
            Coverage = LabCoverage.PlainAndProduct,
            RoundsMax = CurveRounds,
        },
        new LabTest(
            "replace", "100 connections replaced under traffic", ReplaceMeasurement.Lost,
            ReplaceMeasurement.Estimate, ReplaceMeasurement.SampleAsync)
        {
            Coverage = LabCoverage.Product,
            RoundsMax = ReplaceMeasurement.RoundsMax,
        },
        Lossy(Tcp("loss-tcp", "TCP, 1 flow", 1) with { IsMultimodal = false }),
        Lossy(Load("loss-load", 1)),
        new LabTest(
            "start", "start to first packet", "first-packet", _ => TimeSpan.FromSeconds(1.5),
            StartMeasurement.SampleAsync)
        {
            Coverage = LabCoverage.Product,
        },
    ];

    /// <summary>Every word that <c>--tests</c> takes for these.</summary>
    public static IReadOnlyList<string> Names { get; } =
        [.. All.SelectMany(test => new[] { test.Group, test.Name }).Where(name => name.Length > 0).Distinct()];

    /// <summary>A verb's result, with what the sample cost.</summary>
    public static async Task<PerfResult> SampleEngineAsync(
        LabPath path, IReadOnlyList<string> words, TimeSpan duration, CancellationToken stop)
    {
        CostMeter meter = await CostMeter.StartAsync(path.Alternative);
        TimeSpan omit = words[0] == "load" ? TimeSpan.Zero : Omit; // it waits for its bulk itself
        PerfResult result = await path.RunEngineAsync(
            [.. words, "--duration", Seconds(duration), "--omit", Seconds(omit)], (2 * duration) + omit, stop);
        double rate = words[0] is "tcp" or "udp" ? result.Find("throughput")?.Median ?? 0 : 0;
        return await meter.AddToAsync(result, rate * (duration + omit).TotalSeconds);
    }

    /// <summary>A time as this program's options take it.</summary>
    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);

    private static LabTest Tcp(string name, string about, int flows) =>
        Engine(name, about, "throughput", "tcp", "--congestion", Congestion, "--streams", Number(flows)) with
        {
            Group = "tcp",
            IsMultimodal = true,
            Coverage = LabCoverage.Everything,
        };

    private static LabTest Udp(string name, string about, int sizeBytes) =>
        Engine(name, about, Delivered, "udp", "--count", "kernel", "--msg-size", Number(sizeBytes)) with
        {
            Group = "udp",
            Coverage = LabCoverage.Everything,
        };

    private static LabTest Load(string name, int flows) =>
        Engine(
            name, $"a small flow beside {Number(flows)} bulk {(flows == 1 ? "flow" : "flows")}", Loaded99,
            "load", "--congestion", Congestion, "--streams", Number(flows)) with
        {
            Group = "load",
            Estimate = duration => (2 * duration) + Overhead + TimeSpan.FromSeconds(1.5),
        };

    private static LabTest LoadedPing(string name, int flows, LabCoverage coverage) => new(
        name,
        $"ping beside {Number(flows)} bulk {(flows == 1 ? "flow" : "flows")}",
        "p99",
        LoadedPings.Estimate,
        (path, duration, stop) => LoadedPings.SampleAsync(path, flows, duration, stop))
    {
        Group = "ping-load",
        Coverage = coverage,
    };

    private static LabTest Size(int sizeBytes) =>
        Udp($"size-{Number(sizeBytes)}", $"UDP, {Number(sizeBytes)} B, flat out", sizeBytes) with
        {
            Group = "sizes",
            Coverage = LabCoverage.PlainAndProduct,
            RoundsMax = CurveRounds,
            DurationMax = CurveDuration,
        };

    private static LabTest Segments(int segments) => Engine(
        $"segments-{Number(segments)}",
        $"UDP, {Number(segments)} x {Number(SegmentBytes)} B in one send, flat out",
        Delivered,
        "udp", "--count", "kernel", "--msg-size", Number(SegmentBytes), "--segments", Number(segments)) with
    {
        Group = "sizes",
        Coverage = LabCoverage.PlainAndProduct,
        RoundsMax = CurveRounds,
        DurationMax = CurveDuration,
    };

    private static LabTest Flows(int flows) =>
        Tcp($"flows-{Number(flows)}", $"TCP, {Number(flows)} {(flows == 1 ? "flow" : "flows")}", flows) with
        {
            Group = "flows",
            Coverage = LabCoverage.PlainAndProduct,
            IsMultimodal = false,
            RoundsMax = CurveRounds,
            DurationMax = CurveDuration,
        };

    private static LabTest Burst(int sends) => new(
        $"burst-{Number(sends)}",
        $"bursts of {Number(sends)} x 42 x 1400 B each 20 ms",
        BurstMeasurement.Last99,
        BurstMeasurement.Estimate,
        (path, duration, stop) => BurstMeasurement.SampleAsync(path, sends, duration, stop))
    {
        Group = "burst",
        Coverage = LabCoverage.PlainAndProduct,
        RoundsMax = CurveRounds,
    };

    private static LabTest SlowPeers(string name, string about, SlowPeersPlan plan) => new(
        name,
        about,
        SlowPeersMeasurement.Lost,
        duration => SlowPeersMeasurement.Estimate(plan.Peers, duration),
        (path, duration, stop) => SlowPeersMeasurement.SampleAsync(path, plan, duration, stop))
    {
        Group = "peers",
        Coverage = LabCoverage.PlainAndProduct,
        RoundsMax = CurveRounds,
    };

    private static LabTest Lossy(LabTest test) => test with
    {
        About = test.About + ", 1 % loss",
        Group = "loss",
        Coverage = LabCoverage.PlainAndProduct,
        LossPerMille = 10,
    };

    private static LabTest Engine(string name, string about, string headline, params string[] words) => new(
        name,
        about,
        headline,
        duration => duration + Omit + Overhead,
        (path, duration, stop) => SampleEngineAsync(path, words, duration, stop));

    private const int CurveRounds = 3;

    private const int SegmentBytes = 1400;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}

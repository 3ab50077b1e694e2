using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf load</c>: a small flow's delays, idle and beside bulk.</summary>
internal static class LoadVerb
{
    private const double RatePerSecondDefault = 500;
    private static readonly TimeSpan Lead = TimeSpan.FromSeconds(1); // bulk has left slow start
    private static readonly TimeSpan Tail = TimeSpan.FromMilliseconds(500);

    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal) => RunCommand.Build(
        "load",
        "Delays of a small open-loop flow, first alone, then beside --streams of TCP bulk. "
        + "--msg-size, --rate and --protocol are the small flow's.",
        terminal,
        (IsBulk: true, IsUdp: false, HasProtocol: true),
        Measure);

    private static List<PerfResult> Measure(RunContext context) =>
        [.. MeasuringVerbs.Sizes(context, MeasuringVerbs.RequestSizeDefault).Select(size => Measure(context, size))];

    private static PerfResult Measure(RunContext context, int size)
    {
        double rate = context.Settings.RatePerSecond(size);
        TestKind kind = context.Settings.IsUdp ? TestKind.UdpRoundTrip : TestKind.TcpRoundTrip;
        MeasurementRequest small = context.Request(kind, size, rate > 0 ? rate : RatePerSecondDefault) with
        {
            Streams = 1,
            Congestion = "",
        };
        MeasurementRequest bulk = context.Request(TestKind.TcpBulk, MeasuringVerbs.TcpSizeDefault, 0) with
        {
            OmitMillis = (int)Lead.TotalMilliseconds,
            DurationMillis = small.OmitMillis + small.DurationMillis + (int)Tail.TotalMilliseconds,
        };
        if ((small.Problem() ?? bulk.Problem()) is string problem)
        {
            throw new PerfException(problem);
        }

        var samples =
            context.Repeat(
                small, $"load, {size} bytes at {small.RatePerSecond}/s beside {bulk.Streams} bulk streams", one =>
        {
            context.Progress.Say("  idle");
            RoundTripOutcome idle = new RoundTripRun(context.Target, one, context.Progress.RoundTrips("load"))
                .Run(context.Stop);
            context.Progress.Say("  beside bulk");
            (RoundTripOutcome loaded, BulkOutcome load) = Loaded(context, one, bulk with
            {
                DurationMillis = one.OmitMillis + one.DurationMillis + (int)Tail.TotalMilliseconds,
            });
            return (idle, loaded, load);
        });
        return Result(
            context, small, bulk,
            [.. samples.Select(sample => sample.idle)], [.. samples.Select(sample => sample.loaded)],
            [.. samples.Select(sample => sample.load)]);
    }

    private static (RoundTripOutcome Loaded, BulkOutcome Bulk) Loaded(
        RunContext context, MeasurementRequest small, MeasurementRequest bulk)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.Stop);
        Task<BulkOutcome> load = Task.Factory.StartNew(
            () => new BulkRun(context.Target, bulk, context.Progress.Bulk("load")).Run(stop.Token),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            Waiting.For(Lead);
            RoundTripOutcome loaded = new RoundTripRun(context.Target, small).Run(stop.Token);
            return (loaded, load.GetAwaiter().GetResult());
        }
        catch
        {
            stop.Cancel();
            try
            {
                load.GetAwaiter().GetResult();
            }
            catch (Exception e) when (e is PerfException or OperationCanceledException)
            {
                // The first failure is the one to tell.
            }

            throw;
        }
    }

    private static PerfResult Result(
        RunContext context,
        MeasurementRequest small,
        MeasurementRequest bulk,
        IReadOnlyList<RoundTripOutcome> idle,
        IReadOnlyList<RoundTripOutcome> loaded,
        IReadOnlyList<BulkOutcome> load) => new()
        {
            Test = "load",
            Via = context.Settings.Via,
            Parameters = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                ["protocol"] = small.IsUdp ? "udp" : "tcp",
                ["msg-size"] = small.MessageBytes.ToString(CultureInfo.InvariantCulture),
                ["rate"] = $"{small.RatePerSecond:0.##}/s",
                ["streams"] = bulk.Streams.ToString(CultureInfo.InvariantCulture),
                ["direction"] = bulk.Direction.ToString().ToLowerInvariant(),
            },
            Metrics =
            [
                .. RoundTripResults.Percentiles("idle-", idle),
                .. RoundTripResults.Percentiles("loaded-", loaded),
                Metric.Less("lost", "", [.. loaded.Select(sample => (double)sample.Lost)]),
                Metric.More("throughput", "Gbit/s", [.. load.Select(BulkResults.Throughput)]),
            ],
            Latencies =
            [
                .. RoundTripResults.Summaries("idle", idle, isOpenLoop: true),
                .. RoundTripResults.Summaries("loaded", loaded, isOpenLoop: true),
            ],
            Series = BulkResults.Of("tcp", context.Settings.Via, bulk, load).Series,
            Notes = RoundTripResults.Notes(small, loaded),
        };
}

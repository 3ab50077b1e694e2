using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>tcp udp rr crr</c>: one test between two ends.</summary>
internal static class MeasuringVerbs
{
    /// <summary>Bytes of a TCP write unless named: what fits a core's second-level cache.</summary>
    public const int TcpSizeDefault = 128 << 10;

    /// <summary>
    /// Bytes of a datagram unless named: fits the payload of a 1500 byte packet, with tunnels around it.
    /// </summary>
    public const int UdpSizeDefault = 1200;

    /// <summary>Bytes of a request unless named.</summary>
    public const int RequestSizeDefault = 64;

    /// <summary>All of them.</summary>
    public static IEnumerable<Command> Build(Terminal terminal) =>
    [
        RunCommand.Build(
            "tcp", "Bulk over TCP: throughput, retransmits, window, round trip, fairness of the flows.",
            terminal, (IsBulk: true, IsUdp: false, HasProtocol: false), Tcp),
        RunCommand.Build(
            "udp", "Datagrams, flat out or at a rate: delivered per second, loss, order, jitter.",
            terminal, (IsBulk: true, IsUdp: true, HasProtocol: false), Udp),
        RunCommand.Build(
            "rr",
            "Request and response: transactions per second one after the other, or, with --rate, delays counted "
                + "from the "
            + "time at which each request was due.",
            terminal, (IsBulk: false, IsUdp: false, HasProtocol: true), RoundTrip),
        RunCommand.Build(
            "crr", "Connect, request, response, close: new TCP connections per second, and how long each takes.",
            terminal, (IsBulk: false, IsUdp: false, HasProtocol: false), Connect),
    ];

    /// <summary>One TCP bulk result.</summary>
    public static PerfResult Tcp(RunContext context, MeasurementRequest request)
    {
        string what = $"tcp, {request.Streams} streams, writes of {request.MessageBytes} bytes";
        return BulkResults.Of("tcp", context.Settings.Via, request, context.Repeat(
            request, what, one => new BulkRun(context.Target, one, context.Progress.Bulk("tcp")).Run(context.Stop)));
    }

    /// <summary>One UDP result.</summary>
    public static PerfResult Udp(RunContext context, MeasurementRequest request)
    {
        string what = $"udp, {request.Streams} streams, {request.MessageBytes} bytes";
        return BulkResults.Of("udp", context.Settings.Via, request, context.Repeat(
            request, what, one => new BulkRun(context.Target, one, context.Progress.Bulk("udp")).Run(context.Stop)));
    }

    /// <summary>One result of requests and responses.</summary>
    public static PerfResult RoundTrip(RunContext context, MeasurementRequest request, string test)
    {
        string what = $"{test}, {request.Streams} streams, {request.MessageBytes} bytes";
        return RoundTripResults.Of(test, context.Settings.Via, request, context.Repeat(
            request, what, one =>
                new RoundTripRun(context.Target, one, context.Progress.RoundTrips(test)).Run(context.Stop)));
    }

    /// <summary>The sizes that were asked for, or one.</summary>
    public static IEnumerable<int> Sizes(RunContext context, int otherwise) =>
        context.Settings.Sizes.Count > 0 ? context.Settings.Sizes : [otherwise];

    private static List<PerfResult> Tcp(RunContext context)
    {
        if (context.Settings.Rate.Length > 0)
        {
            throw new PerfException(
                "--rate: tcp sends as fast as TCP allows; use udp --rate, or load for delays beside bulk");
        }

        return [.. Sizes(context, TcpSizeDefault)
            .Select(size => Tcp(context, context.Request(TestKind.TcpBulk, size, 0)))];
    }

    private static List<PerfResult> Udp(RunContext context) =>
    [
        .. Sizes(context, UdpSizeDefault).Select(size => Udp(
            context, context.Request(TestKind.UdpBulk, size, context.Settings.RatePerSecond(size)))),
    ];

    private static List<PerfResult> RoundTrip(RunContext context)
    {
        TestKind kind = context.Settings.IsUdp ? TestKind.UdpRoundTrip : TestKind.TcpRoundTrip;
        return
        [
            .. Sizes(context, RequestSizeDefault).Select(size => RoundTrip(
                context, context.Request(kind, size, context.Settings.RatePerSecond(size)), "rr")),
        ];
    }

    private static List<PerfResult> Connect(RunContext context) =>
    [
        .. Sizes(context, RequestSizeDefault).Select(size => RoundTrip(
            context, context.Request(TestKind.TcpConnect, size, context.Settings.RatePerSecond(size)), "crr")),
    ];
}

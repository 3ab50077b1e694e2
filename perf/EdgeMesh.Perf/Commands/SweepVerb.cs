using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary><c>edgemesh-perf sweep</c>: sizes and numbers of flows, and where a cliff is.</summary>
internal static class SweepVerb
{
    private const int DatagramSizeMax = 65_000; // with headers it must fit an IP packet

    private static readonly int[] SizesDefault =
        [64, 128, 256, 512, 1024, 1400, 2048, 4096, 8192, 16384, 32768, DatagramSizeMax];

    private static readonly int[] FlowsDefault = [1, 2, 4, 8, 16, 32, 64];

    /// <summary>The verb.</summary>
    public static Command Build(Terminal terminal) => RunCommand.Build(
        "sweep",
        "UDP datagrams and TCP requests of each size (--msg-size), and TCP bulk with 1 to 64 flows; says where a "
            + "figure "
        + "falls off a cliff. --duration is of each step: 2s is enough.",
        terminal,
        (IsBulk: true, IsUdp: false, HasProtocol: false),
        Measure);

    private static List<PerfResult> Measure(RunContext context)
    {
        IReadOnlyList<int> sizes = context.Settings.Sizes.Count > 0 ? context.Settings.Sizes : SizesDefault;
        List<PerfResult> udp =
        [
            .. sizes.Where(size => size is >= UdpDatagram.HeaderBytes and <= DatagramSizeMax).Select(size =>
                MeasuringVerbs.Udp(
                    context, context.Request(TestKind.UdpBulk, size, context.Settings.RatePerSecond(size)))),
        ];
        List<PerfResult> requests =
            [.. sizes.Select(
                size => MeasuringVerbs.RoundTrip(context, context.Request(TestKind.TcpRoundTrip, size, 0), "rr"))];
        List<PerfResult> flows =
        [
            .. FlowsDefault.Select(streams => MeasuringVerbs.Tcp(
                context,
                context.Request(TestKind.TcpBulk, MeasuringVerbs.TcpSizeDefault, 0) with { Streams = streams })),
        ];
        return [.. Cliffs.Mark(udp, "throughput"), .. Cliffs.Mark(requests, "p50"),
            .. Cliffs.Mark(flows, "throughput")];
    }
}

using System;
using System.Collections.Generic;
using System.CommandLine;
using System.Linq;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;

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
        + "falls off a cliff. --duration is that of each step: 2s is enough.",
        terminal,
        (IsBulk: true, IsUdp: false, HasProtocol: false),
        Measure);

    private static List<PerfResult> Measure(RunContext context)
    {
        // In order, or what is no cliff would look like one.
        IReadOnlyList<int> asked = context.Settings.Sizes.Count > 0 ? context.Settings.Sizes : SizesDefault;
        int[] sizes = [.. asked.Distinct().Order()];
        int[] datagrams = [.. sizes.Where(size => size is >= UdpDatagram.HeaderBytes and <= DatagramSizeMax)];
        if (datagrams.Length < sizes.Length)
        {
            context.Progress.Say(
                $"no datagrams of {string.Join(", ", sizes.Except(datagrams))} bytes: "
                + $"{UdpDatagram.HeaderBytes} to {DatagramSizeMax} can be");
        }

        List<PerfResult> udp = Steps(context, "udp", datagrams, size => MeasuringVerbs.Udp(
            context, context.Request(TestKind.UdpBulk, size, context.Settings.RatePerSecond(size))));
        List<PerfResult> requests = Steps(context, "rr", sizes, size => MeasuringVerbs.RoundTrip(
            context, context.Request(TestKind.TcpRoundTrip, size, 0), "rr"));
        List<PerfResult> flows = Steps(context, "tcp", FlowsDefault, streams => MeasuringVerbs.Tcp(
            context, context.Request(TestKind.TcpBulk, MeasuringVerbs.TcpSizeDefault, 0) with { Streams = streams }));
        if (udp.Count + requests.Count + flows.Count == 0)
        {
            throw new PerfException(context.Failures[0]);
        }

        return [.. Cliffs.Mark(udp, "throughput"), .. Cliffs.Mark(requests, "p50"),
            .. Cliffs.Mark(flows, "throughput")];
    }

    // A step that fails must not cost the others, which take minutes.
    private static List<PerfResult> Steps(
        RunContext context, string name, IEnumerable<int> steps, Func<int, PerfResult> measure)
    {
        var results = new List<PerfResult>();
        foreach (int step in steps)
        {
            try
            {
                results.Add(measure(step));
            }
            catch (PerfException failure)
            {
                context.Stop.ThrowIfCancellationRequested();
                context.Progress.Say($"  failed: {failure.Message}");
                context.Failures.Add($"{name} {step}: {failure.Message}");
            }
        }

        return results;
    }
}

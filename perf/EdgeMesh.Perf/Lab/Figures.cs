using System;
using System.Collections.Generic;

namespace EdgeMesh.Perf.Lab;

/// <summary>The figures that the product is held to.</summary>
internal static class Figures
{
    private const string Plain = "baseline";
    private const string Nebula = "nebula";
    private const string WireGuard = "wireguard-go";

    /// <summary>Figures of the product beside all others.</summary>
    public static IReadOnlyList<FigureRow> Held { get; } =
    [
        new("TCP, 1 flow", "tcp1", "throughput")
        {
            Least = [new(3, Nebula), new(5, WireGuard), new(0.25, Plain)],
            Aim = [new(0.45, Plain)],
        },
        new("TCP, 4 flows", "tcp4", "throughput")
        {
            Least = [new(4, Nebula), new(0.2, Plain)],
            Aim = [new(0.3, Plain)],
        },
        new("UDP 64 B flat out", "udp64", LabTests.Delivered)
        {
            Least = [new(4, Nebula), new(0.7, Plain)],
            Aim = [new(1, Plain)],
        },
        new("UDP 1200 B flat out", "udp1200", LabTests.Delivered)
        {
            Least = [new(3.5, Nebula), new(0.5, Plain)],
            Aim = [new(0.75, Plain)],
        },
        new("ping, idle, p50", "ping", "p50") { Least = [new(0.8, Nebula)], Aim = [new(0.5, Nebula)] },
        new("ping, idle, p99", "ping", "p99") { Least = [new(1, Nebula)], Aim = [new(0.5, Nebula)] },
        new("TCP request/response, p50", "rr", "p50") { Least = [new(0.8, Nebula)], Aim = [new(0.6, Nebula)] },
        new("UDP request/response, p50", "rr-udp", "p50"),
        new("UDP request/response, p99", "rr-udp", "p99"),
        new("ping beside 1 bulk flow, p50", "ping-load1", "p50"),
        new("ping beside 1 bulk flow, p99", "ping-load1", "p99") { Least = [new(1, Nebula)], Aim = [new(1000)] },
        new("ping beside 4 bulk flows, p50", "ping-load4", "p50"),
        new("ping beside 4 bulk flows, p99", "ping-load4", "p99") { Least = [new(1, Nebula)], Aim = [new(1000)] },
        new("small flow beside 1 bulk flow, p50", "load1", LabTests.LoadedMedian),
        new("small flow beside 1 bulk flow, p99", "load1", LabTests.Loaded99),
        new("small flow beside 4 bulk flows, p50", "load4", LabTests.LoadedMedian),
        new("small flow beside 4 bulk flows, p99", "load4", LabTests.Loaded99),
        new("CPU of the machine, TCP 1 flow", "tcp1", CostMeter.MachineMetric)
        {
            Least = [new(0.35, Nebula)],
            Aim = [new(0.2, Nebula)],
        },
        new("CPU of the daemons, TCP 1 flow", "tcp1", CostMeter.DaemonsMetric),
        new("fairness of 8 TCP flows (Jain)", "fair", LabTests.Fairness) { Least = [new(0.95)] },
        new("TCP, 1 flow, 1 % loss", "loss-tcp", "throughput"),
        new("small flow beside 1 bulk flow, 1 % loss, p99", "loss-load", LabTests.Loaded99),
    ];

    /// <summary>Figures that only the product has.</summary>
    public static IReadOnlyList<FigureRow> OwnHeld { get; } =
    [
        new("start to first packet", "start", "first-packet") { Least = [new(200)] },
        new("allocated per packet, TCP 1 flow", "tcp1", CostMeter.AllocatedMetric) { Least = [new(1)] },
        new("allocated per packet, UDP 64 B", "udp64", CostMeter.AllocatedMetric) { Least = [new(1)] },
        new("system calls per packet, UDP 64 B", "udp64", CostMeter.CallsMetric),
        new("packets per pass, UDP 64 B", "udp64", CostMeter.BatchMetric),
        new("resident memory under load, 8 peers", "memory-8", MemoryMeasurement.LoadedMetric)
        {
            Least = [new(32)],
            Aim = [new(20)],
        },
        new("resident memory, peak, 8 peers", "memory-8", MemoryMeasurement.PeakMetric),
        new("resident memory under load, 100 peers", "memory-100", MemoryMeasurement.LoadedMetric)
        {
            Least = [new(64)],
            Aim = [new(32)],
        },
        new("resident memory, peak, 100 peers", "memory-100", MemoryMeasurement.PeakMetric),
    ];

    /// <summary>What one pod or peer may do to the others, and what may not be lost.</summary>
    public static IReadOnlyList<FigureRow> Stressed { get; } =
    [
        .. Bursts(1), .. Bursts(3), .. Bursts(10),
        .. Peers("2 slow peers of 3", "slow-peers"),
        .. Peers("2 stopped peers of 3", "stopped-peers"),
        .. Peers("2 slow peers of 3, 1 MiB of pool", "slow-peers-pool-1"),
        .. Peers("7 slow peers of 8", "slow-peers-7"),
        .. Overload("sends of 46 x 1400 B", "46x1400"),
        .. Overload("16 KiB", "16k"),
        .. Overload("64 KiB", "64k"),
        new("UDP 1200 B flat out: dropped by the TUN's queue", "tun-queue", TunQueueMeasurement.UdpDroppedShare),
        new("TCP in packets of 192 KiB", "tun-queue", "tcp-throughput"),
        new("TCP in packets of 192 KiB: dropped by the TUN's queue", "tun-queue", TunQueueMeasurement.TcpDroppedShare),
        new("100 connections replaced: datagrams lost", "replace", ReplaceMeasurement.Lost) { Least = [new(0)] },
        new("100 connections replaced: longest gap", "replace", ReplaceMeasurement.LongestGap),
    ];

    /// <summary>What an option, another back end or the kernel's tunnel change.</summary>
    public static IReadOnlyList<FigureRow> OfVariants { get; } =
    [
        new("TCP, 1 flow", "tcp1", "throughput"),
        new("TCP, 4 flows", "tcp4", "throughput"),
        new("UDP 64 B flat out", "udp64", LabTests.Delivered),
        new("UDP 1200 B flat out", "udp1200", LabTests.Delivered),
        new("ping, idle, p50", "ping", "p50"),
        new("ping, idle, p99", "ping", "p99"),
        new("ping beside 1 bulk flow, p99", "ping-load1", "p99"),
        new("CPU of the machine, TCP 1 flow", "tcp1", CostMeter.MachineMetric),
        new("system calls per packet, UDP 64 B", "udp64", CostMeter.CallsMetric),
        new("start to first packet", "start", "first-packet"),
    ];

    // Of the last datagram's delay, 2 ms are for the machine: where its parts run, and who else does.
    private static IEnumerable<FigureRow> Bursts(int sends)
    {
        string test = FormattableString.Invariant($"burst-{sends}");
        string name = FormattableString.Invariant($"bursts of {sends} x 42 datagrams");
        return
        [
            new FigureRow($"{name}: lost", test, BurstMeasurement.Lost) { Least = [new(0)] },
            new FigureRow($"{name}: last one, p50", test, "last-p50"),
            new FigureRow($"{name}: last one, p99", test, BurstMeasurement.Last99)
            {
                Least = [new(3, Plain) { More = 2000 }],
            },
            new FigureRow($"{name}: last one, longest", test, "last-max"),
        ];
    }

    private static IEnumerable<FigureRow> Peers(string name, string test) =>
    [
        new FigureRow($"ping beside a flood to {name}: lost", test, SlowPeersMeasurement.Lost) { Least = [new(0)] },
        new FigureRow($"ping beside a flood to {name}: p99", test, "p99"),
        new FigureRow($"ping beside a flood to {name}: p99, idle ones", test, SlowPeersMeasurement.Times99)
        {
            Least = [new(2)],
        },
    ];

    private static IEnumerable<FigureRow> Overload(string name, string load) =>
    [
        new FigureRow($"UDP flat out, {name}: arrives whole", "overload", load),
        new FigureRow(
            $"UDP flat out, {name}: share of TCP's, or of what was offered",
            "overload",
            OverloadMeasurement.SharePrefix + load)
        {
            Least = [new(0.7)],
        },
    ];
}

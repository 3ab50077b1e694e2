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
}

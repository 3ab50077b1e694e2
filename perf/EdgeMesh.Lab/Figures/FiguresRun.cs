using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Lab.Traffic;

namespace EdgeMesh.Lab.Figures;

/// <summary>
/// Measures the product beside plain routing: two labs of one topology, and every sample of one is taken next to a
/// sample of the other, so that a slow phase of the machine hits both.
/// </summary>
internal sealed class FiguresRun(LabNetwork tunnel, LabNetwork plain, LabMesh mesh, int rounds)
{
    private const int PeersForMemory = 8;
    private static readonly TimeSpan TcpWindow = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan FloodWindow = TimeSpan.FromSeconds(2);

    private readonly Figure _tcp1 = new("TCP, 1 flow", "Gbit/s", ">= 0.25 x plain");
    private readonly Figure _tcp4 = new("TCP, 4 flows", "Gbit/s", "");
    private readonly Figure _udp64 = new("UDP flood, 64 B", "kpps delivered", ">= 0.7 x plain");
    private readonly Figure _udp1200 = new("UDP flood, 1200 B", "kpps delivered", "");
    private readonly Figure _rtt50 = new("round trip, idle, p50", "us", "<= 0.8 x nebula");
    private readonly Figure _rtt99 = new("round trip, idle, p99", "us", "");
    private readonly Figure _loaded50 = new("round trip beside 1 TCP flow, p50", "us", "");
    private readonly Figure _loaded99 = new("round trip beside 1 TCP flow, p99", "us", "<= 2000");
    private readonly Figure _cpuDataplanes = new("CPU of both dataplanes, 1 TCP flow", "s per Gbit", "");
    private readonly Figure _cpuMachine = new("CPU of the machine, 1 TCP flow", "s per Gbit", "");
    private readonly Figure _start = new("start to first packet", "ms", "<= 200");
    private readonly Figure _resident = new("resident memory, 8 peers, after traffic", "MiB", "<= 32");
    private readonly Figure _residentPeak = new("resident memory, 8 peers, peak", "MiB", "");

    /// <summary>Measures everything.</summary>
    /// <param name="rounds">Samples of each figure.</param>
    /// <param name="options">How the dataplanes are started.</param>
    /// <returns>The figures and a line about machine and back ends.</returns>
    public static async Task<(IReadOnlyList<Figure> Figures, string Conditions)> MeasureAsync(
        int rounds, MeshOptions options)
    {
        await using LabNetwork plain = await LabNetwork.UpAsync(
            Topology.ThreeSites(), new LabOptions { IsPlainRouting = true });
        await using LabNetwork tunnel = await LabNetwork.UpAsync(Topology.ThreeSites());
        await using LabMesh mesh = await LabMesh.StartAsync(tunnel, options);
        var run = new FiguresRun(tunnel, plain, mesh, rounds);
        await run.MeasureBesidePlainAsync();
        await run.MeasureStartAsync();
        CliView status = await mesh.Node("cloud-1").StatusAsync();
        await mesh.DisposeAsync();
        await run.MeasureMemoryAsync(options);
        return (run.All, FiguresReport.Conditions(status));
    }

    private List<Figure> All =>
    [
        _tcp1, _tcp4, _udp64, _udp1200, _rtt50, _rtt99, _loaded50, _loaded99, _cpuDataplanes, _cpuMachine, _start,
        _resident, _residentPeak,
    ];

    private async Task MeasureBesidePlainAsync()
    {
        for (int round = 1; round <= rounds; round++)
        {
            await Console.Error.WriteLineAsync($"round {round} of {rounds}");
            foreach (LabNetwork lab in (LabNetwork[])[plain, tunnel])
            {
                List<double> Of(Figure figure) => lab == tunnel ? figure.Tunnel : figure.Plain;
                LabPod from = lab.Pod("edge-a-pod1");
                LabPod to = lab.Pod("cloud-1-pod1");
                PingRun idle = await PingRun.RunAsync(
                    from.Network, to.Plan.Address4, 500, TimeSpan.FromMilliseconds(5));
                Of(_rtt50).Add(idle.Median);
                Of(_rtt99).Add(idle.Percentile99);
                await MeasureTcpAsync(lab, from, to);
                Of(_tcp4).Add(await Iperf.RunAsync(from, to, 4, TcpWindow));
                Of(_udp64).Add(await FloodAsync(from, to, 64));
                Of(_udp1200).Add(await FloodAsync(from, to, 1200));
                PingRun loaded = await PingUnderLoadAsync(from, to);
                Of(_loaded50).Add(loaded.Median);
                Of(_loaded99).Add(loaded.Percentile99);
            }
        }
    }

    private async Task MeasureTcpAsync(LabNetwork lab, LabPod from, LabPod to)
    {
        TimeSpan machine = MachineTime.Busy();
        TimeSpan dataplanes = lab == tunnel ? DataplaneTime() : TimeSpan.Zero;
        long start = Stopwatch.GetTimestamp();
        double rate = await Iperf.RunAsync(from, to, 1, TcpWindow);

        // The warm-up's second counts for CPU and bits alike.
        double gigabits = rate * Stopwatch.GetElapsedTime(start).TotalSeconds;
        (lab == tunnel ? _tcp1.Tunnel : _tcp1.Plain).Add(rate);
        (lab == tunnel ? _cpuMachine.Tunnel : _cpuMachine.Plain).Add(
            (MachineTime.Busy() - machine).TotalSeconds / gigabits);
        if (lab == tunnel)
        {
            _cpuDataplanes.Tunnel.Add((DataplaneTime() - dataplanes).TotalSeconds / gigabits);
        }
    }

    private TimeSpan DataplaneTime() =>
        mesh.Node("edge-a").Dataplane!.CpuTime + mesh.Node("cloud-1").Dataplane!.CpuTime;

    // Counts what reaches the far pod's socket, which nobody reads: a reading program would compete for the cores.
    private static async Task<double> FloodAsync(LabPod from, LabPod to, int sizeBytes)
    {
        using Socket target = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
        target.ReceiveBufferSize = 4096;
        UdpCounters before = UdpCounters.Of(to.Network);
        (await from.Network.RunAsync(
            [
                Environment.ProcessPath!, "traffic", "udp-flood", "--to", target.LocalEndPoint!.ToString()!,
                "--size", sizeBytes.ToString(CultureInfo.InvariantCulture),
                "--seconds", FloodWindow.TotalSeconds.ToString(CultureInfo.InvariantCulture),
            ],
            input: null,
            timeout: FloodWindow + TimeSpan.FromSeconds(10))).OrThrow();
        await Task.Delay(100);
        return (UdpCounters.Of(to.Network).Arrived - before.Arrived) / FloodWindow.TotalSeconds / 1000;
    }

    private static async Task<PingRun> PingUnderLoadAsync(LabPod from, LabPod to)
    {
        Task<double> load = Iperf.RunAsync(from, to, 1, TcpWindow + TimeSpan.FromSeconds(1));
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        PingRun run = await PingRun.RunAsync(from.Network, to.Plan.Address4, 300, TimeSpan.FromMilliseconds(10));
        await load;
        return run;
    }

    private async Task MeasureStartAsync()
    {
        MeshNode node = mesh.Node("edge-a");
        for (int round = 0; round < rounds; round++)
        {
            await node.Dataplane!.StopAsync();
            TimeSpan elapsed = await FirstPacket.TimeAsync(
                tunnel.Pod("edge-a-pod1"), tunnel.Pod("cloud-1-pod1"), () => node.StartDataplane());
            _start.Tunnel.Add(elapsed.TotalMilliseconds);
            await mesh.WaitUntilConnectedAsync();
        }
    }

    private async Task MeasureMemoryAsync(MeshOptions options)
    {
        await using LabNetwork star = await LabNetwork.UpAsync(Topology.Star(PeersForMemory));
        await using LabMesh nodes = await LabMesh.StartAsync(star, options);
        LabPod cloud = star.Pod("cloud-1-pod1");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await using var sink = new TcpSink(cloud.Network.Listen(new IPEndPoint(cloud.Plan.Address4, 0)));
        foreach (LabPod pod in star.Pods.Where(pod => pod.Node != cloud.Node))
        {
            using Socket socket = await pod.Network.ConnectAsync(sink.EndPoint, limit.Token);
            await TcpSource.SendAsync(socket, 1, 32 << 20, progress: null, limit.Token);
        }

        LabProcess process = nodes.Node("cloud-1").Dataplane!;
        _resident.Tunnel.Add(process.ResidentKibibytes / 1024.0);
        _residentPeak.Tunnel.Add(process.ResidentPeakKibibytes / 1024.0);
    }
}

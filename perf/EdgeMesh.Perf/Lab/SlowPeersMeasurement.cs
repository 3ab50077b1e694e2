using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// A pod floods pods of slow peers with UDP; another pod of its node pings a pod of a healthy peer, before and
/// meanwhile. In a lab of its own, that goes when it is done.
/// </summary>
/// <remarks>
/// <code>
///  cloud-1-pod1 --flood--> edge-1-pod1, ... of slow peers (1 Mbit/s, or stopped)
///  cloud-1-pod2 --ping---> edge-N-pod1 of the healthy peer
/// </code>
/// </remarks>
internal static class SlowPeersMeasurement
{
    /// <summary>The metric of pings that were not answered beside the flood.</summary>
    public const string Lost = "lost";

    /// <summary>The metric of the 99th percentile beside the flood, in idle ones.</summary>
    public const string Times99 = "p99-times-idle";

    private const int DatagramBytes = 1200;

    /// <summary>Datagrams per second of the flood, to all slow peers together: 384 Mbit/s.</summary>
    private const double FloodPerSecond = 40_000;

    private static readonly TimeSpan PingInterval = TimeSpan.FromMilliseconds(5);

    /// <summary>After the lab is built: everything has found its peers, and rests.</summary>
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(0.5);

    /// <summary>The flood runs this long before the first ping that counts.</summary>
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1);

    /// <summary>What ping waits for the last answer: the delay that a missing one counts with.</summary>
    private static readonly TimeSpan LostDelay = TimeSpan.FromSeconds(1);

    /// <summary>How long a sample takes: most of it builds the lab.</summary>
    public static TimeSpan Estimate(int peers, TimeSpan duration) =>
        (2 * duration) + Settle + WarmUp + TimeSpan.FromSeconds(2 + (0.3 * peers));

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(
        LabPath path, SlowPeersPlan variant, TimeSpan duration, CancellationToken stop)
    {
        AlternativePlan plan = variant.Apply(path.Alternative.Plan);
        await using LabAlternative alternative = await LabAlternative.StartAsync(plan, Topology.Star(variant.Peers));
        LabNode[] slow = [.. alternative.Lab.Nodes.Skip(1).Take(variant.SlowPeers)];
        LabPod healthy = alternative.Lab.Nodes[^1].Pods[0];
        LabNode hub = alternative.Lab.Nodes[0];
        int count = (int)(duration / PingInterval);
        await Task.Delay(Settle, stop);
        PingRun idle = await PingRun.RunAsync(hub.Pods[1].Network, healthy.Plan.Address4, count, PingInterval);
        stop.ThrowIfCancellationRequested();
        try
        {
            await SlowDownAsync(alternative, variant, slow);
            await using var flood = Flood.Start(hub.Pods[0], slow, FloodPerSecond / slow.Length);
            await Task.Delay(WarmUp, stop);
            PingRun beside = await PingRun.RunAsync(hub.Pods[1].Network, healthy.Plan.Address4, count, PingInterval);
            return Result(path, variant, idle, beside, flood.Sent);
        }
        finally
        {
            Array.ForEach(StoppedOnes(alternative, variant, slow), process => process.Resume());
        }
    }

    private static async Task SlowDownAsync(LabAlternative alternative, SlowPeersPlan variant, LabNode[] slow)
    {
        Array.ForEach(StoppedOnes(alternative, variant, slow), process => process.Suspend());
        foreach (LabNode node in variant.IsStopped ? [] : slow)
        {
            await alternative.Lab.ShapeAsync(node, kilobitsPerSecond: 1000);
        }
    }

    // An alternative of the kernel alone has no process that could stand still.
    private static LabProcess[] StoppedOnes(LabAlternative alternative, SlowPeersPlan variant, LabNode[] slow) =>
        variant.IsStopped && alternative.Mesh is { } mesh
            ? [.. slow.Select(node => mesh.Node(node.Name).Dataplane!)]
            : [];

    private static PerfResult Result(
        LabPath path, SlowPeersPlan variant, PingRun idle, PingRun beside, long floodSent)
    {
        double idle99 = Percentile(idle, 0.99);
        double beside99 = Percentile(beside, 0.99);
        return new PerfResult
        {
            Test = "slow-peers",
            Via = path.Name,
            Parameters = new Dictionary<string, string>
            {
                ["peers"] = Number(variant.Peers),
                ["slow"] = Number(variant.SlowPeers),
                ["how"] = variant.IsStopped ? "stopped" : "1Mbit/s",
                ["pool-mib"] = variant.PoolMebibytes ?? "default",
            },
            Metrics =
            [
                Metric.Less(Lost, "%", LostPercent(beside)),
                Metric.Less("p50", "us", Percentile(beside, 0.5)),
                Metric.Less("p99", "us", beside99),
                Metric.Less(Times99, "x", beside99 / Math.Max(idle99, 1)),
                Metric.Less("idle-lost", "%", LostPercent(idle)),
                Metric.Less("idle-p50", "us", Percentile(idle, 0.5)),
                Metric.Less("idle-p99", "us", idle99),
                Metric.More("flood-sent", "", floodSent) with { IsJudged = false },
            ],
        };
    }

    private static double LostPercent(PingRun run) =>
        100.0 * (run.Sent - run.RoundTripMicros.Count) / Math.Max(run.Sent, 1);

    // Without the missing answers the delays would look better than they were.
    private static double Percentile(PingRun run, double share) => Percentiles.At(
        run.RoundTripMicros.Concat(Enumerable.Repeat(
            LostDelay.TotalMicroseconds, Math.Max(run.Sent - run.RoundTripMicros.Count, 0))),
        share) is var micros && double.IsNaN(micros)
            ? LostDelay.TotalMicroseconds
            : micros;

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);

    /// <summary>UDP from one pod to a pod of each slow node, where a socket takes it and no program reads.</summary>
    private sealed class Flood : IAsyncDisposable
    {
        private readonly List<Socket> _sockets = [];
        private readonly List<Task> _threads = [];
        private readonly List<FlowCounters> _counters = [];
        private readonly StopFlag _stop = new();

        public long Sent => _counters.Sum(counters => counters.Packets);

        public static Flood Start(LabPod from, IEnumerable<LabNode> slow, double perSecond)
        {
            var flood = new Flood();
            Socket[] senders;
            try
            {
                senders = [.. slow.Select(node => flood.Open(from, node.Pods[0]))];
            }
            catch
            {
                flood.Close();
                throw;
            }

            // Only when all are open: nobody could end the threads of a flood that did not start.
            Array.ForEach(senders, sender => flood.SendFrom(sender, perSecond));
            return flood;
        }

        public async ValueTask DisposeAsync()
        {
            _stop.Set();
            await Task.WhenAll(_threads);
            Close();
        }

        private Socket Open(LabPod from, LabPod to)
        {
            Socket far = to.Network.BindUdp(new IPEndPoint(to.Plan.Address4, 0));
            _sockets.Add(far);
            Socket near = from.Network.OpenSocket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            _sockets.Add(near);
            near.Connect(far.LocalEndPoint!);
            return near;
        }

        private void SendFrom(Socket socket, double perSecond)
        {
            var counters = new FlowCounters();
            _counters.Add(counters);
            _threads.Add(LabThread.Run(
                "flood", () => UdpFlow.Send(socket, DatagramBytes, perSecond, counters, _stop)));
        }

        private void Close() => _sockets.ForEach(socket => socket.Dispose());
    }
}

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
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Traffic;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// Resident memory of a node with many peers, while TCP in both directions between its pod and a pod of each of
/// them takes all that the machine gives. In a lab of its own, that goes when it is done.
/// </summary>
internal static class MemoryMeasurement
{
    /// <summary>The metric of the median while the load runs.</summary>
    public const string LoadedMetric = "resident";

    /// <summary>The metric of the most so far.</summary>
    public const string PeakMetric = "resident-peak";

    /// <summary>A lab is built for each sample, and its figure is steady.</summary>
    public const int RoundsMax = 3;

    private const string Hub = "cloud-1";
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(60);

    /// <summary>How long it takes: building a node and its pod and starting their processes, mostly.</summary>
    public static TimeSpan Estimate(int peers, TimeSpan duration) =>
        duration + TimeSpan.FromSeconds(2 + (0.11 * peers));

    /// <summary>Measures the product with so many peers.</summary>
    public static async Task<PerfResult> MeasureAsync(
        AlternativePlan plan, int peers, TimeSpan duration, CancellationToken stop)
    {
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.Star(peers));
        await using LabMesh mesh = await LabMesh.StartStarAsync(lab, plan.Options, Hub);
        LabPod center = lab.Node(Hub).Pods[0];
        LabProcess process = mesh.Node(Hub).Dataplane!;
        double idle = process.ResidentKibibytes / 1024.0;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(stop);
        limit.CancelAfter(ConnectTimeout);
        var resident = new List<double>();
        long bytes;
        await using (var traffic = new BulkTraffic(await ConnectAsync(
            center, lab.Pods.Where(pod => pod.Node != center.Node), limit.Token)))
        {
            for (int i = 0; i < duration / LookInterval; i++)
            {
                await Task.Delay(LookInterval, stop);
                resident.Add(process.ResidentKibibytes / 1024.0);
            }

            bytes = traffic.Bytes;
        }

        return new PerfResult
        {
            Test = "memory",
            Via = plan.Name,
            Parameters = new Dictionary<string, string>
            {
                ["peers"] = peers.ToString(CultureInfo.InvariantCulture),
            },
            Metrics =
            [
                Metric.Less("resident-idle", "MiB", idle),
                Metric.Less(LoadedMetric, "MiB", Percentiles.Median(resident)),
                Metric.Less(PeakMetric, "MiB", process.ResidentPeakKibibytes / 1024.0),
                Metric.More("throughput", "Gbit/s", bytes * 8 / duration.TotalSeconds / 1e9),
            ],
        };
    }

    // Both ends of a connection between the pod and each of the others.
    private static async Task<IReadOnlyList<Socket>> ConnectAsync(
        LabPod center, IEnumerable<LabPod> others, CancellationToken stop)
    {
        using Socket listener = center.Network.Listen(new IPEndPoint(center.Plan.Address4, 0));
        var sockets = new List<Socket>();
        try
        {
            foreach (LabPod other in others)
            {
                sockets.Add(await other.Network.ConnectAsync((IPEndPoint)listener.LocalEndPoint!, stop));
                sockets.Add(await listener.AcceptAsync(stop));
            }

            return sockets;
        }
        catch
        {
            sockets.ForEach(socket => socket.Dispose());
            throw;
        }
    }
}

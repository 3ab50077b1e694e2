using System;
using System.Collections.Generic;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// Bursts of datagrams on a path that carries nothing else: what is lost, and when the first and the last datagram of
/// a burst arrive. A loop that goes to sleep while work waits shows here: nothing else wakes it before the next burst.
/// </summary>
internal static class BurstMeasurement
{
    /// <summary>The metric of datagrams that did not arrive.</summary>
    public const string Lost = "lost";

    /// <summary>The metric of the last datagram's 99th percentile.</summary>
    public const string Last99 = "last-p99";

    private const int DatagramBytes = 1400;
    private const int SegmentsPerSend = 42;
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    /// <summary>A 99th percentile needs more than a hundred bursts.</summary>
    private static readonly TimeSpan DurationMin = TimeSpan.FromSeconds(4);

    /// <summary>After the last burst: what is late may still come. So long was waited for each that did not.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(1);

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration) => Longer(duration) + Rest;

    /// <summary>Takes a sample.</summary>
    /// <param name="path">What the bursts go through.</param>
    /// <param name="sends">Sends of one burst.</param>
    /// <param name="duration">Measured time.</param>
    /// <param name="stop">Ends it.</param>
    public static async Task<PerfResult> SampleAsync(
        LabPath path, int sends, TimeSpan duration, CancellationToken stop)
    {
        int bursts = (int)(Longer(duration) / Interval);
        using Socket far = path.To.Network.BindUdp(new IPEndPoint(path.To.Plan.Address4, 0));
        ReceiveBuffer.Grow(far);
        using Socket near = path.From.Network.OpenSocket(
            AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await near.ConnectAsync(far.LocalEndPoint!, stop);
        var sender = new BurstSender(near, DatagramBytes, SegmentsPerSend, sends);
        var arrivals = new BurstArrivals(bursts, sender.DatagramsPerBurst);
        long refusedBefore = path.UdpCountersOfTo().Refused;
        var flag = new StopFlag();
        await using CancellationTokenRegistration registration = stop.Register(flag.Set);
        Task receiving = LabThread.Run("bursts arrive", () => arrivals.ReceiveAll(far, flag));
        await LabThread.Run("bursts leave", () => sender.Run(bursts, Interval, flag));
        await Task.Delay(Rest, CancellationToken.None);
        flag.Set();
        await receiving;
        stop.ThrowIfCancellationRequested();
        return Result(path, sends, sender, arrivals, bursts) with
        {
            Notes = NotesOf(sender, path.UdpCountersOfTo().Refused - refusedBefore),
        };
    }

    /// <summary>
    /// When the first and the last datagram of a burst arrived, nanoseconds after its beginning. One that did not
    /// counts as long as it was waited for: without it, the more is lost, the faster the rest would look.
    /// </summary>
    internal static (long First, long Last) DelaysOf(BurstArrivals arrivals, int burst)
    {
        long waited = (long)Rest.TotalNanoseconds;
        return (
            arrivals.CountOf(burst) > 0 ? arrivals.FirstNanosOf(burst) : waited,
            arrivals.MissingOf(burst) > 0 ? Math.Max(arrivals.LastNanosOf(burst), waited)
                : arrivals.LastNanosOf(burst));
    }

    private static PerfResult Result(LabPath path, int sends, BurstSender sender, BurstArrivals arrivals, int bursts)
    {
        var first = new LatencyRecorder();
        var last = new LatencyRecorder();
        long missing = 0;
        for (int burst = 0; burst < bursts; burst++)
        {
            missing += arrivals.MissingOf(burst);
            (long firstNanos, long lastNanos) = DelaysOf(arrivals, burst);
            first.Record(firstNanos);
            last.Record(lastNanos);
        }

        return new PerfResult
        {
            Test = "burst",
            Via = path.Name,
            Parameters = new Dictionary<string, string>
            {
                ["sends"] = sends.ToString(CultureInfo.InvariantCulture),
                ["datagrams"] = sender.DatagramsPerBurst.ToString(CultureInfo.InvariantCulture),
            },
            Latencies = [first.Summarize("first", 0), last.Summarize("last", missing)],
            Metrics =
            [
                Metric.Less(Lost, "%", 100.0 * missing / ((long)bursts * sender.DatagramsPerBurst)),
                Metric.Less("first-p50", "us", first.PercentileMicros(50)),
                Metric.Less("first-p99", "us", first.PercentileMicros(99)),
                Metric.Less("first-max", "us", first.MaxMicros),
                Metric.Less("last-p50", "us", last.PercentileMicros(50)),
                Metric.Less(Last99, "us", last.PercentileMicros(99)),
                Metric.Less("last-max", "us", last.MaxMicros),
            ],
        };
    }

    private static List<string> NotesOf(BurstSender sender, long refused)
    {
        var notes = new List<string>();
        if (sender.Refused > 0)
        {
            notes.Add("the sender's kernel refused some sends; their datagrams count as lost");
        }

        if (refused > 0)
        {
            notes.Add("the reader was too slow at times: what its full socket refused counts as lost");
        }

        return notes;
    }

    private static TimeSpan Longer(TimeSpan duration) => duration > DurationMin ? duration : DurationMin;
}

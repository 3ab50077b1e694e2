using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using EdgeMesh.Perf.Results;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Lab;

/// <summary>
/// Replaces the connection between the two nodes again and again (<c>edgemesh reconnect NODE</c>), while paced
/// datagrams and a paced stream of TCP go through it.
/// </summary>
internal static class ReplaceMeasurement
{
    /// <summary>The metric of datagrams that did not arrive.</summary>
    public const string Lost = "lost";

    /// <summary>The metric of the longest time between two datagrams.</summary>
    public const string LongestGap = "longest-gap";

    /// <summary>One sample holds many replacements.</summary>
    public const int RoundsMax = 1;

    private const int Replacements = 100;
    private const int DatagramBytes = 200;
    private const double DatagramsPerSecond = 2000;
    private const long StreamBytesPerSecond = 12_500_000;
    private const string Verb = "reconnect";

    /// <summary>Between two replacements: the successor has carried packets by then.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Before the first and after the last replacement.</summary>
    private static readonly TimeSpan Rest = TimeSpan.FromMilliseconds(500);

    /// <summary>No replacement begins later: ones that take seconds must not make it endless.</summary>
    private static readonly TimeSpan DurationMax = TimeSpan.FromMinutes(2);

    /// <summary>How long a sample takes.</summary>
    public static TimeSpan Estimate(TimeSpan duration)
    {
        _ = duration; // it takes what it takes
        return (Replacements * (Pause + TimeSpan.FromMilliseconds(50))) + Rest + Rest;
    }

    /// <summary>Takes a sample.</summary>
    public static async Task<PerfResult> SampleAsync(LabPath path, TimeSpan duration, CancellationToken stop)
    {
        _ = duration;
        MeshNode node = path.Alternative.Mesh!.Node(path.From.Node.Name);
        CommandResult help = await node.RunCliAsync("--help");
        if (!help.Output.Contains(Verb, StringComparison.Ordinal))
        {
            return new PerfResult
            {
                Test = "replace",
                Via = path.Name,
                Notes = [$"{path.Name} has no command `edgemesh {Verb}`: nothing was replaced"],
            };
        }

        await using var sink = new TcpSink(path.To.Network.Listen(new IPEndPoint(path.To.Plan.Address4, 0)));
        using Socket stream = await path.From.Network.ConnectAsync(sink.EndPoint, stop);
        await using var watch = new StallWatch(() => sink.Bytes);
        using var streamEnd = CancellationTokenSource.CreateLinkedTokenSource(stop);
        Task streaming = StreamAsync(stream, streamEnd.Token);
        var flag = new StopFlag();
        await using CancellationTokenRegistration registration = stop.Register(flag.Set);
        using Socket far = path.To.Network.BindUdp(new IPEndPoint(path.To.Plan.Address4, 0));
        using Socket near = path.From.Network.OpenSocket(
            AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        ReceiveBuffer.Grow(far);
        await near.ConnectAsync(far.LocalEndPoint!, stop);
        var sent = new FlowCounters();
        var arrived = new SequenceWatch();
        var receivingEnd = new StopFlag();
        Task receiving = LabThread.Run("paced arrive", () => arrived.ReceiveAll(far, receivingEnd));
        long sendingBegan = MonotonicTime.Now;
        long sendingEnded;
        Task sending = LabThread.Run(
            "paced leave", () => UdpFlow.Send(near, DatagramBytes, DatagramsPerSecond, sent, flag));
        var failures = new List<string>();
        int made;
        TimeSpan stall;
        try
        {
            await Task.Delay(Rest, stop);
            made = await ReplaceAllAsync(node, path.To.Node.Name, failures, stop);
            await Task.Delay(Rest, stop);
            stall = await watch.StopAsync();
        }
        finally
        {
            flag.Set();
            await sending;
            sendingEnded = MonotonicTime.Now;
            await Task.Delay(Rest, CancellationToken.None);
            receivingEnd.Set();
            await receiving;
            await streamEnd.CancelAsync();
            await streaming;
        }

        return Result(
            path, sent.Packets, arrived, arrived.LongestGapNanos(sendingBegan, sendingEnded), stall, made, failures);
    }

    // How many were asked for: fewer than all where they take so long that the time is over.
    private static async Task<int> ReplaceAllAsync(
        MeshNode node, string peer, List<string> failures, CancellationToken stop)
    {
        long start = Stopwatch.GetTimestamp();
        int made = 0;
        while (made < Replacements && Stopwatch.GetElapsedTime(start) < DurationMax)
        {
            if (await WhyNotReplacedAsync(node, peer) is { } failure)
            {
                failures.Add(failure);
            }

            made++;
            await Task.Delay(Pause, stop);
        }

        return made;
    }

    private static async Task<string?> WhyNotReplacedAsync(MeshNode node, string peer)
    {
        try
        {
            CommandResult answer = await node.RunCliAsync(Verb, peer);
            return answer.IsSuccess ? null : answer.ErrorOutput.Trim();
        }
        catch (LabException late)
        {
            return late.Message; // a command that hangs is a failure of its own, not the end of the sample
        }
    }

    // Paced by hand: the sink's checksum is of no use where the stream ends when the test does.
    private static async Task StreamAsync(Socket socket, CancellationToken end)
    {
        byte[] block = new byte[StreamBytesPerSecond / 100];
        long start = Stopwatch.GetTimestamp();
        try
        {
            for (long count = 1; ; count++)
            {
                await socket.SendAsync(block, SocketFlags.None, end);
                TimeSpan ahead = TimeSpan.FromMilliseconds(10 * count) - Stopwatch.GetElapsedTime(start);
                await Task.Delay(ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero, end);
            }
        }
        catch (OperationCanceledException)
        {
            // The end.
        }
        catch (SocketException)
        {
            // A connection that breaks carries no more; the longest pause shows it.
        }
    }

    private static PerfResult Result(
        LabPath path,
        long sent,
        SequenceWatch arrived,
        long longestGapNanos,
        TimeSpan stall,
        int made,
        List<string> failures) => new()
    {
        Test = "replace",
        Via = path.Name,
        Parameters = new Dictionary<string, string>
        {
            ["replacements"] = Replacements.ToString(CultureInfo.InvariantCulture),
        },
        Metrics =
        [
            Metric.Less(Lost, "", sent - arrived.Arrived),
            Metric.Less("repeated", "", arrived.Repeated),
            Metric.Less(LongestGap, "ms", longestGapNanos / (double)MonotonicTime.Millisecond),
            Metric.Less("tcp-longest-gap", "ms", stall.TotalMilliseconds),
            Metric.Less("failed", "", failures.Count + Replacements - made),
            Metric.More("sent", "", sent) with { IsJudged = false },
        ],
        Notes = NotesOf(made, failures),
    };

    private static List<string> NotesOf(int made, List<string> failures)
    {
        var notes = new List<string>();
        if (failures.Count > 0)
        {
            notes.Add($"`edgemesh {Verb}` failed, the first time with: {failures[0]}");
        }

        if (made < Replacements)
        {
            notes.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"after {made} of {Replacements} replacements the time was over; the others count as failed"));
        }

        return notes;
    }
}

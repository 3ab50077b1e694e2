using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>Makes results of what both ends counted.</summary>
internal static class BulkResults
{
    private const double BitsPerGbit = 1e9;
    private const double BitsPerByte = 8;
    private const double BytesPerKiB = 1024;

    /// <summary>The result of some samples of one bulk measurement.</summary>
    public static PerfResult Of(
        string test, string via, MeasurementRequest request, IReadOnlyList<BulkOutcome> samples) => new()
    {
        Test = test,
        Via = via,
        Parameters = Parameters(request, samples[0]),
        Metrics = [.. Metrics(request, samples).Where(metric => metric.Samples.Count > 0)],
        Series =
            [
                .. samples.SelectMany((sample, i) =>
                    Series(request, sample, samples.Count == 1 ? "" : $" (sample {i + 1})")),
            ],
        Notes = Notes(request, samples),
    };

    /// <summary>Payload received per second in both directions, Gbit/s.</summary>
    public static double Throughput(BulkOutcome sample) => Gbits(sample.Up.Received) + Gbits(sample.Down.Received);

    /// <summary>Jain's index of the streams: 1 if all got the same, 1/n if one got all.</summary>
    public static double Fairness(IReadOnlyList<double> shares)
    {
        double squares = shares.Sum(share => share * share);
        return squares == 0 ? 0 : Math.Pow(shares.Sum(), 2) / (shares.Count * squares);
    }

    private static Dictionary<string, string> Parameters(MeasurementRequest request, BulkOutcome sample)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["streams"] = request.Streams.ToString(CultureInfo.InvariantCulture),
            ["msg-size"] = request.MessageBytes.ToString(CultureInfo.InvariantCulture),
            ["direction"] = request.Direction.ToString().ToLowerInvariant(),
        };
        if (!request.IsUdp)
        {
            parameters["congestion"] = request.Congestion.Length > 0 ? request.Congestion : sample.Session.Congestion;
            return parameters;
        }

        parameters["rate"] = request.RatePerSecond == 0 ? "flat-out" : $"{request.RatePerSecond:0.##}/s";
        parameters["count"] = request.Counting == ArrivalCounting.Kernel ? "kernel" : "program";
        if (request.SegmentsPerSend > 1)
        {
            parameters["segments"] = request.SegmentsPerSend.ToString(CultureInfo.InvariantCulture);
        }

        return parameters;
    }

    private static IEnumerable<Metric> Metrics(MeasurementRequest request, IReadOnlyList<BulkOutcome> samples)
    {
        yield return Metric.More("throughput", "Gbit/s", [.. samples.Select(Throughput)]);
        if (request.Direction == FlowDirection.Both)
        {
            yield return Metric.More(
                "throughput-up", "Gbit/s", [.. samples.Select(sample => Gbits(sample.Up.Received))]);
            yield return Metric.More(
                "throughput-down", "Gbit/s", [.. samples.Select(sample => Gbits(sample.Down.Received))]);
        }

        foreach (Metric metric in request.IsUdp ? UdpMetrics(request, samples) : TcpMetrics(samples))
        {
            yield return metric;
        }

        if (request.Streams > 1 && request.Counting == ArrivalCounting.Program)
        {
            yield return Metric.More("fairness", "", [.. samples.Select(sample => Fairness(
                [.. Received(sample).SelectMany(received => received.StreamBytes)]))]);
        }

        yield return Metric.Less(
            "cpu-client", "s/Gbit", [.. samples.Select(sample => Cost(sample, sample.Client.CpuSeconds))]);
        yield return Metric.Less(
            "cpu-server", "s/Gbit", [.. samples.Select(sample => Cost(sample, sample.Server.CpuSeconds))]);
    }

    private static Metric[] TcpMetrics(IReadOnlyList<BulkOutcome> samples) =>
    [
        Metric.Less("retransmits", "", [.. samples.Select(sample => Sent(sample).Sum(sent => sent.Retransmits))])
            with { IsJudged = false },
        Metric.Less("rtt", "us", [.. samples.Select(sample => Sent(sample).Average(sent => sent.RttMicros))])
            with { IsJudged = false },
        Metric.More("cwnd", "KiB", [.. samples.Select(
            sample => Sent(sample).Average(sent => sent.CongestionWindowBytes) / BytesPerKiB)])
            with { IsJudged = false },
        Metric.More("mss", "B", [.. samples.Select(sample => Sent(sample).Max(sent => sent.SegmentBytes))])
            with { IsJudged = false },
    ];

    private static IEnumerable<Metric> UdpMetrics(MeasurementRequest request, IReadOnlyList<BulkOutcome> samples)
    {
        yield return Metric.More("packets", "1/s", [.. samples.Select(
            sample => Received(sample).Sum(received => received.Packets / received.Seconds))]);
        yield return Metric.More(
            "sent", "1/s", [.. samples.Select(sample => Sent(sample).Sum(sent => sent.PacketsPerSecond))])
            with { IsJudged = request.RatePerSecond == 0 };
        yield return Metric.Less("loss", "%", [.. samples.Select(LossPercent)])
            with { IsJudged = request.RatePerSecond > 0 }; // flat out, loss is what the sender has too much
        if (request.Counting == ArrivalCounting.Program)
        {
            yield return Metric.Less("reordered", "%", [.. samples.Select(sample => Received(sample).Sum(received =>
                received.PacketsTotal == 0 ? 0 : received.Reordered / received.PacketsTotal * 100))]);
            yield return Metric.Less("jitter", "us", [.. samples.Select(
                sample => Received(sample).Average(received => received.JitterMicros))]);
        }

        yield return Metric.Less(
            "send-errors", "", [.. samples.Select(sample => Sent(sample).Sum(sent => sent.Errors))])
            with { IsJudged = false };
    }

    private static double LossPercent(BulkOutcome sample)
    {
        double sent = Sent(sample).Sum(outcome => outcome.PacketsTotal);
        double received = Received(sample).Sum(outcome => outcome.PacketsTotal);
        return sent == 0 ? 0 : Math.Max(0, sent - received) / sent * 100;
    }

    private static IEnumerable<TimeSeries> Series(MeasurementRequest request, BulkOutcome sample, string suffix)
    {
        (string, ReceivedOutcome?)[] directions = [("up", sample.Up.Received), ("down", sample.Down.Received)];
        foreach ((string name, ReceivedOutcome? received) in directions)
        {
            if (received is not null)
            {
                yield return new TimeSeries
                {
                    Name = $"throughput {name}{suffix}",
                    Unit = "Gbit/s",
                    IntervalSeconds = request.IntervalMillis / 1000.0,
                    Values = [.. received.BitsPerSecond.Select(bits => bits / BitsPerGbit)],
                };
            }
        }
    }

    private static List<string> Notes(MeasurementRequest request, IReadOnlyList<BulkOutcome> samples)
    {
        var notes = new List<string>();
        if (request.Counting == ArrivalCounting.Kernel && request.IsUdp)
        {
            notes.Add("arrivals are the far kernel's count for its whole network namespace: other traffic there "
                + "counts too");
        }

        if (request.RatePerSecond > 0)
        {
            // The rate is of each direction.
            double sent = samples.Average(sample => Sent(sample).Min(outcome => outcome.PacketsPerSecond));
            if (sent < 0.99 * request.RatePerSecond)
            {
                notes.Add(
                    $"the sender managed {sent:0} of {request.RatePerSecond:0} datagrams per second; ask for less");
            }
        }

        return notes;
    }

    private static double Gbits(ReceivedOutcome? received) =>
        received is null ? 0 : received.Bytes * BitsPerByte / received.Seconds / BitsPerGbit;

    private static double Cost(BulkOutcome sample, double cpuSeconds)
    {
        double gbits = Received(sample).Sum(received => received.Bytes) * BitsPerByte / BitsPerGbit;
        return gbits == 0 ? 0 : cpuSeconds / gbits;
    }

    private static IEnumerable<ReceivedOutcome> Received(BulkOutcome sample) =>
        new[] { sample.Up.Received, sample.Down.Received }.OfType<ReceivedOutcome>();

    private static IEnumerable<SentOutcome> Sent(BulkOutcome sample) =>
        new[] { sample.Up.Sent, sample.Down.Sent }.OfType<SentOutcome>();
}

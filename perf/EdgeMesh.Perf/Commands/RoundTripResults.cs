using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Commands;

/// <summary>Makes results of requests and responses.</summary>
internal static class RoundTripResults
{
    private const double LatenessMattersMicros = 1000;

    /// <summary>The result of some samples of rr or crr.</summary>
    public static PerfResult Of(
        string test, string via, MeasurementRequest request, IReadOnlyList<RoundTripOutcome> samples) => new()
    {
        Test = test,
        Via = via,
        Parameters = Parameters(request),
        Metrics =
        [
            Metric.More("transactions", "1/s", [.. samples.Select(sample => sample.PerSecond)])
                with { IsJudged = request.RatePerSecond == 0 },
            .. Percentiles("", samples),
            Metric.Less("lost", "", [.. samples.Select(sample => (double)sample.Lost)]),
        ],
        Latencies = Summaries("round trip", samples, request.RatePerSecond > 0),
        Series = [.. samples.Select((sample, i) => new TimeSeries
        {
            Name = samples.Count == 1 ? "transactions" : $"transactions (sample {i + 1})",
            Unit = "1/s",
            IntervalSeconds = request.IntervalMillis / 1000.0,
            Values = sample.Series,
        })],
        Notes = Notes(request, samples),
    };

    /// <summary>Percentiles as metrics, a sample each.</summary>
    /// <remarks>Where nothing was answered there is no delay: not one of 0, which every threshold takes.</remarks>
    public static IEnumerable<Metric> Percentiles(string prefix, IReadOnlyList<RoundTripOutcome> outcomes)
    {
        RoundTripOutcome[] samples = [.. outcomes.Where(outcome => outcome.Latency.Count > 0)];
        if (samples.Length == 0)
        {
            yield break;
        }

        (string, double)[] percentiles = [("p50", 50), ("p90", 90), ("p99", 99), ("p99.9", 99.9), ("p99.99", 99.99)];
        foreach ((string name, double percentile) in percentiles)
        {
            yield return Metric.Less(
                prefix + name, "us", [.. samples.Select(sample => sample.Latency.PercentileMicros(percentile))]);
        }

        yield return Metric.Less($"{prefix}max", "us", [.. samples.Select(sample => sample.Latency.MaxMicros)]);
    }

    /// <summary>
    /// All samples' delays together; at a rate also from the time of sending, and how late requests left.
    /// </summary>
    public static List<LatencySummary> Summaries(string name, IReadOnlyList<RoundTripOutcome> samples, bool isOpenLoop)
    {
        long lost = samples.Sum(sample => sample.Lost);
        var summaries = new List<LatencySummary> { Sum(samples, sample => sample.Latency).Summarize(name, lost) };
        if (isOpenLoop)
        {
            summaries.Add(
                Sum(samples, sample => sample.FromSending)
                    .Summarize($"{name}, from sending", lost, withHistogram: false));
            summaries.Add(
                Sum(samples, sample => sample.Lateness)
                    .Summarize($"{name}: requests left late by", 0, withHistogram: false));
        }

        return [.. summaries.Where(summary => summary.Count > 0 || summary.Name == name)];
    }

    /// <summary>What a reader must know of the figures.</summary>
    public static List<string> Notes(MeasurementRequest request, IReadOnlyList<RoundTripOutcome> samples)
    {
        var notes = new List<string>();
        if (request.RatePerSecond == 0)
        {
            notes.Add("closed loop: each request waits for the response before it, so stalls hide the requests they "
                + "delay; "
                + "use --rate for percentiles that count them");
            return notes;
        }

        notes.Add("open loop: delays count from the time at which a request was due");
        long unsent = samples.Sum(sample => sample.Unsent);
        if (unsent > 0)
        {
            notes.Add($"{unsent} requests were due and never left: they count as lost");
        }

        double late = samples.Max(sample => sample.Lateness.PercentileMicros(99));
        if (late > LatenessMattersMicros)
        {
            notes.Add($"1 % of the requests left more than {late / 1000:0.0} ms late: the sender lacked processor "
                + "time, or TCP did not take them");
        }

        return notes;
    }

    private static LatencyRecorder Sum(
        IReadOnlyList<RoundTripOutcome> samples, Func<RoundTripOutcome, LatencyRecorder> of)
    {
        var sum = new LatencyRecorder();
        foreach (RoundTripOutcome sample in samples)
        {
            sum.Add(of(sample));
        }

        return sum;
    }

    private static Dictionary<string, string> Parameters(MeasurementRequest request) => new(StringComparer.Ordinal)
    {
        ["protocol"] = request.IsUdp ? "udp" : "tcp",
        ["streams"] = request.Streams.ToString(CultureInfo.InvariantCulture),
        ["msg-size"] = request.MessageBytes.ToString(CultureInfo.InvariantCulture),
        ["response-size"] = request.ResponseBytes.ToString(CultureInfo.InvariantCulture),
        ["rate"] = request.RatePerSecond == 0 ? "closed-loop" : $"{request.RatePerSecond:0.##}/s",
    };
}

using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Samples of all tests and alternatives, as they come; in the end one result for each of both.</summary>
/// <param name="vias">The alternatives, in the order they are shown.</param>
internal sealed class SampleTable(IReadOnlyList<string> vias)
{
    /// <summary>Sentences of one result: those with numbers in them differ from sample to sample.</summary>
    private const int NotesMax = 3;

    private readonly Dictionary<(string Test, string Via), List<PerfResult>> _samples = [];
    private readonly List<(string Test, string Via)> _order = [];

    /// <summary>The tests that have samples, by their names for <c>--tests</c>.</summary>
    public IEnumerable<string> Tests => _order.Select(place => place.Test).Distinct(StringComparer.Ordinal);

    /// <summary>The alternatives that have samples.</summary>
    public IEnumerable<string> Vias => vias.Where(via => _order.Any(place => place.Via == via));

    /// <summary>Takes one sample's result.</summary>
    /// <param name="test">The test's name for <c>--tests</c>.</param>
    /// <param name="sample">The result.</param>
    public void Add(string test, PerfResult sample)
    {
        (string, string) place = (test, sample.Via);
        if (!_samples.TryGetValue(place, out List<PerfResult>? samples))
        {
            _samples[place] = samples = [];
            _order.Add(place);
        }

        samples.Add(sample);
    }

    /// <summary>One result for each test and alternative, with the samples of all rounds.</summary>
    public IReadOnlyList<PerfResult> ToResults() =>
    [
        .. from test in Tests
        from via in vias
        where _samples.ContainsKey((test, via))
        select Join(_samples[(test, via)]),
    ];

    /// <summary>A metric of a test and an alternative, with the samples of all rounds; null if there is none.</summary>
    public Metric? Find(string test, string via, string metric) =>
        _samples.TryGetValue((test, via), out List<PerfResult>? samples)
            ? JoinMetrics(samples).FirstOrDefault(candidate => candidate.Name == metric)
            : null;

    private static IEnumerable<Metric> JoinMetrics(IEnumerable<PerfResult> samples) => samples
        .SelectMany(sample => sample.Metrics)
        .GroupBy(metric => metric.Name)
        .Select(metrics => metrics.First() with { Samples = [.. metrics.SelectMany(metric => metric.Samples)] });

    private static PerfResult Join(List<PerfResult> samples) => samples[0] with
    {
        Metrics = [.. JoinMetrics(samples)],
        Latencies =
        [
            .. samples.SelectMany(sample => sample.Latencies).GroupBy(latency => latency.Name)
                .Select(latencies => Join([.. latencies])),
        ],
        Costs =
        [
            .. samples.SelectMany(sample => sample.Costs).GroupBy(cost => cost.Name)
                .Select(costs => Join([.. costs])),
        ],
        Notes = [.. samples.SelectMany(sample => sample.Notes).Distinct(StringComparer.Ordinal).Take(NotesMax)],
    };

    private static LatencySummary Join(IReadOnlyList<LatencySummary> latencies)
    {
        LatencySummary[] some = [.. latencies.Where(latency => latency.Count > 0)];
        long lost = latencies.Sum(latency => latency.Lost);
        var all = new LatencyRecorder();
        foreach (LatencySummary latency in some)
        {
            if (latency.Histogram is null || LatencyRecorder.FromBase64(latency.Histogram) is not { } one)
            {
                return JoinPercentiles(some, lost);
            }

            all.Add(one);
        }

        return all.Summarize(latencies[0].Name, lost);
    }

    // Without the distributions: the median of the rounds' percentiles, and what all of them have together.
    private static LatencySummary JoinPercentiles(LatencySummary[] some, long lost)
    {
        double Median(Func<LatencySummary, double> field) => Metric.MedianOf(some.Select(field));
        long count = some.Sum(latency => latency.Count);
        return some[0] with
        {
            Count = count,
            Lost = lost,
            Min = some.Min(latency => latency.Min),
            Mean = some.Sum(latency => latency.Mean * latency.Count) / count,
            P50 = Median(latency => latency.P50),
            P90 = Median(latency => latency.P90),
            P99 = Median(latency => latency.P99),
            P999 = Median(latency => latency.P999),
            P9999 = Median(latency => latency.P9999),
            Max = some.Max(latency => latency.Max),
            Histogram = null,
        };
    }

    private static ProcessCost Join(IReadOnlyList<ProcessCost> costs) => costs[0] with
    {
        CpuSecondsPerGbit = Median(costs, cost => cost.CpuSecondsPerGbit),
        ResidentKiB = (long?)Median(costs, cost => cost.ResidentKiB),
        PeakResidentKiB = costs.Max(cost => cost.PeakResidentKiB),
        AllocatedBytesPerPacket = Median(costs, cost => cost.AllocatedBytesPerPacket),
        SystemCallsPerPacket = Median(costs, cost => cost.SystemCallsPerPacket),
        PacketsPerBatch = Median(costs, cost => cost.PacketsPerBatch),
    };

    private static double? Median(IReadOnlyList<ProcessCost> costs, Func<ProcessCost, double?> field)
    {
        double[] values = [.. costs.Select(field).OfType<double>()];
        return values.Length == 0 ? null : Metric.MedianOf(values);
    }
}

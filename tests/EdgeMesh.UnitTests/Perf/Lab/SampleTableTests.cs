using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Results;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Lab;

/// <summary>Samples of many rounds become one result for each test and alternative.</summary>
public sealed class SampleTableTests
{
    [Fact]
    public void Samples_of_all_rounds_are_in_one_result_in_the_alternatives_order()
    {
        var table = new SampleTable(["baseline", "edgemesh"]);
        table.Add("tcp1", Sample("edgemesh", 3));
        table.Add("tcp1", Sample("baseline", 1));
        table.Add("tcp4", Sample("edgemesh", 9));
        table.Add("tcp1", Sample("baseline", 2));
        table.Add("tcp1", Sample("edgemesh", 4));
        IReadOnlyList<PerfResult> results = table.ToResults();
        Assert.Equal(["baseline", "edgemesh", "edgemesh"], results.Select(result => result.Via));
        Assert.Equal([1, 2], results[0].Metrics.Single().Samples);
        Assert.Equal([3, 4], results[1].Metrics.Single().Samples);
        Assert.Equal([9], table.Find("tcp4", "edgemesh", "throughput")!.Samples);
        Assert.Null(table.Find("tcp4", "baseline", "throughput"));
    }

    [Fact]
    public void Delays_of_all_rounds_are_one_distribution()
    {
        var table = new SampleTable(["edgemesh"]);
        foreach (long micros in (long[])[100, 300])
        {
            var recorder = new LatencyRecorder();
            for (int i = 0; i < 10; i++)
            {
                recorder.Record(micros * 1000);
            }

            table.Add("rr", Sample("edgemesh", 1) with { Latencies = [recorder.Summarize("round trip", lost: 2)] });
        }

        LatencySummary all = table.ToResults().Single().Latencies.Single();
        Assert.Equal(20, all.Count);
        Assert.Equal(4, all.Lost);
        Assert.InRange(all.P50, 99, 101);
        Assert.InRange(all.P99, 299, 301);
    }

    [Fact]
    public void Delays_without_their_distribution_are_the_medians_of_all_rounds()
    {
        var table = new SampleTable(["edgemesh"]);
        foreach (long micros in (long[])[100, 300, 200])
        {
            var recorder = new LatencyRecorder();
            recorder.Record(micros * 1000, 10);
            table.Add("rr", Sample("edgemesh", 1) with
            {
                Latencies = [recorder.Summarize("late by", lost: 1, withHistogram: false)],
            });
        }

        table.Add("rr", Sample("edgemesh", 1) with { Latencies = [new LatencyRecorder().Summarize("late by", 5)] });
        LatencySummary all = table.ToResults().Single().Latencies.Single();
        Assert.Equal(30, all.Count);
        Assert.Equal(8, all.Lost);
        Assert.InRange(all.P99, 199, 201);
        Assert.InRange(all.Mean, 199, 201);
        Assert.InRange(all.Max, 299, 301);
        Assert.InRange(all.Min, 99, 101);
    }

    [Fact]
    public void Costs_are_medians_and_the_peak_is_the_greatest()
    {
        var table = new SampleTable(["edgemesh"]);
        foreach ((double cpu, long peak) in new[] { (1.0, 10L), (9.0, 30L), (2.0, 20L) })
        {
            table.Add("tcp1", Sample("edgemesh", 1) with
            {
                Costs = [new ProcessCost { Name = "dataplane", CpuSecondsPerGbit = cpu, PeakResidentKiB = peak }],
            });
        }

        ProcessCost cost = table.ToResults().Single().Costs.Single();
        Assert.Equal(2, cost.CpuSecondsPerGbit);
        Assert.Equal(30, cost.PeakResidentKiB);
        Assert.Null(cost.SystemCallsPerPacket);
    }

    private static PerfResult Sample(string via, double value) =>
        new() { Test = "tcp", Via = via, Metrics = [Metric.More("throughput", "Gbit/s", value)] };
}

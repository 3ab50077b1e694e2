using System.Collections.Generic;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Results;
using EdgeMesh.Perf.Thresholds;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

public sealed class ThresholdTests
{
    [Theory]
    [InlineData("p99>5ms", "", "", "p99", ">", 5, "ms")]
    [InlineData("p99.9 >= 1.5 us", "", "", "p99.9", ">=", 1.5, "us")]
    [InlineData("tcp:throughput<2Gbit/s", "", "tcp", "throughput", "<", 2, "Gbit/s")]
    [InlineData("edgemesh/load:loaded-p99<=10", "edgemesh", "load", "loaded-p99", "<=", 10, "")]
    [InlineData("throughput<0.25x", "", "", "throughput", "<", 0.25, "x")]
    [InlineData("/other/bin/tcp:throughput<1Gbit/s", "/other/bin", "tcp", "throughput", "<", 1, "Gbit/s")]
    [InlineData("edgemesh:epoll/p99>1ms", "edgemesh:epoll", "", "p99", ">", 1, "ms")]
    public void Text_is_read(
        string text, string via, string test, string metric, string sign, double value, string unit)
    {
        Threshold? read = Threshold.Parse(text, out _);
        Assert.NotNull(read);
        Assert.Equal(
            (via, test, metric, sign, value, unit),
                (read.Via, read.Test, read.Metric, read.Operator, read.Value, read.Unit));
    }

    [Theory]
    [InlineData("")]
    [InlineData("p99")]
    [InlineData("p99=5ms")]
    [InlineData(">5ms")]
    [InlineData("p99>")]
    [InlineData("p99>ms")]
    [InlineData("p99>5furlongs")]
    [InlineData("p99>1.2.3ms")]
    [InlineData("p99>-5ms")]
    public void Text_that_is_none_is_refused_with_a_remedy(string text)
    {
        Assert.Null(Threshold.Parse(text, out string problem));
        Assert.NotEmpty(problem);
    }

    [Theory]
    [InlineData("p99>5ms", true)]   // measured: 6000 us
    [InlineData("p99>7ms", false)]
    [InlineData("p99>6000us", false)]
    [InlineData("p99>=6ms", true)]
    [InlineData("p99>5999", true)]  // the metric's own unit
    [InlineData("p99>0.0059s", true)]
    [InlineData("throughput<3Gbit/s", true)]
    [InlineData("throughput<2000Mbit/s", false)]
    [InlineData("throughput<0.3x", true)]  // 2 of 8
    [InlineData("throughput<0.25x", false)]
    [InlineData("throughput<=0.25x", true)]
    [InlineData("wireguard-go/throughput<10Gbit/s", null)]
    [InlineData("baseline/throughput<10Gbit/s", true)]
    [InlineData("edgemesh/tcp:throughput<3Gbit/s", true)]
    [InlineData("udp:throughput<3Gbit/s", null)]
    [InlineData("nonsense>1", null)]
    [InlineData("p99>1Gbit/s", null)]
    public void A_report_is_held_against_it(string text, bool? fails)
    {
        Threshold threshold = Threshold.Parse(text, out _)!;
        if (fails is null)
        {
            // What can't be checked must not pass.
            Assert.Throws<PerfException>(() => threshold.Check(Sample()));
            return;
        }

        IReadOnlyList<string> failures = threshold.Check(Sample());
        Assert.Equal(fails.Value ? 1 : 0, failures.Count);
    }

    [Fact]
    public void The_plain_name_of_a_loaded_test_is_its_loaded_phase()
    {
        var report = new PerfReport
        {
            Meta = new ReportMeta(),
            Results =
            [
                new PerfResult
                {
                    Test = "load",
                    Via = "direct",
                    Metrics = [Metric.Less("idle-p99", "us", 10), Metric.Less("loaded-p99", "us", 500)],
                },
            ],
        };
        Assert.Single(Threshold.Parse("p99>100us", out _)!.Check(report));
        Assert.Empty(Threshold.Parse("idle-p99>100us", out _)!.Check(report));
    }

    private static PerfReport Sample() => new()
    {
        Meta = new ReportMeta(),
        Results =
        [
            new PerfResult
            {
                Test = "tcp",
                Via = "edgemesh",
                Metrics = [Metric.More("throughput", "Gbit/s", 1, 2, 9), Metric.Less("p99", "us", 6000)],
            },
            new PerfResult { Test = "tcp", Via = PerfResult.Baseline,
                Metrics = [Metric.More("throughput", "Gbit/s", 8)] },
        ],
    };
}

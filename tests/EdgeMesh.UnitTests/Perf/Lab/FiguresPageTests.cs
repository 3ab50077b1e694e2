using System;
using System.IO;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Lab;
using EdgeMesh.Perf.Results;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Lab;

/// <summary>The tables of docs/performance.md, from samples that are made up.</summary>
public sealed class FiguresPageTests
{
    private const string Marks =
        "head\n<!-- figures: begin (written by `make figures`) -->\nold\n<!-- figures: end -->\ntail\n";

    [Fact]
    public void Figures_stand_beside_the_others_with_ratios_and_their_spread()
    {
        SampleTable samples = Samples(plain: [10, 20, 12, 18], product: [5, 6], nebula: [1, 2]);
        string page = FiguresPage.Write(samples, new ReportMeta(), rounds: 2);
        Assert.Contains(
            "| TCP, 1 flow | Gbit/s | 5.50 (5.00..6.00) | 15.0 (10.0..20.0) | 1.50 (1.00..2.00) "
            + "| 0.37 (0.33..0.40) | 3.67 (3.00..5.00) "
            + "| 3 x nebula, 5 x wireguard-go, 0.25 x plain | **0.45 x plain** |",
            page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Bar_that_is_missed_is_bold_and_one_that_is_met_is_not()
    {
        SampleTable samples = Samples(plain: [20], product: [2], nebula: [1]);
        string page = FiguresPage.Write(samples, new ReportMeta(), rounds: 1);
        Assert.Contains("**3 x nebula**, 5 x wireguard-go, **0.25 x plain**", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_a_delay_less_is_better()
    {
        var samples = new SampleTable(["nebula", "edgemesh"]);
        samples.Add("ping", Result("ping", "nebula", Metric.Less("p50", "us", 100)));
        samples.Add("ping", Result("ping", "edgemesh", Metric.Less("p50", "us", 70)));
        string page = FiguresPage.Write(samples, new ReportMeta(), rounds: 1);
        Assert.Contains("| 0.8 x nebula | **0.5 x nebula** |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Burst_may_take_some_times_as_long_as_on_plain_routing_and_a_little_more()
    {
        string page = Burst(product: 5000);
        Assert.Contains(
            "| bursts of 3 x 42 datagrams: last one, p99 | us | 5000 | 1000 | 21000 | 3 x plain + 2000 |",
            page,
            StringComparison.Ordinal);
        Assert.Contains("| **3 x plain + 2000** |", Burst(product: 5001), StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_may_be_lost_where_the_bar_is_nought()
    {
        var samples = new SampleTable(["edgemesh"]);
        samples.Add("slow-peers", Result("slow-peers", "edgemesh", Metric.Less("lost", "%", 0.25)));
        string page = FiguresPage.Write(samples, new ReportMeta(), rounds: 1);
        Assert.Contains(
            "| ping beside a flood to 2 slow peers of 3: lost | % | 0.250 | **0** |", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Row_without_plain_has_an_empty_cell_and_keeps_its_bar()
    {
        var samples = new SampleTable(["baseline", "edgemesh"]);
        samples.Add("slow-peers", Result("slow-peers", "baseline", Metric.Less("lost", "%", 0)));
        samples.Add("stopped-peers", Result("stopped-peers", "edgemesh", Metric.Less("lost", "%", 0.25)));
        string page = FiguresPage.Write(samples, new ReportMeta(), rounds: 1);
        Assert.Contains(
            "| ping beside a flood to 2 stopped peers of 3: lost | % | 0.250 |  | **0** |",
            page,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Tables_replace_what_is_between_the_marks_and_nothing_else()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, Marks);
            FiguresPage.Insert(path, "new\n");
            Assert.Equal(Marks.Replace("old", "new", StringComparison.Ordinal), File.ReadAllText(path));
            File.WriteAllText(path, "no marks");
            Assert.Throws<PerfException>(() => FiguresPage.Insert(path, "new\n"));
            Assert.Equal("no marks", File.ReadAllText(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Burst(double product)
    {
        var samples = new SampleTable(["baseline", "edgemesh", "/other/build"]);
        foreach ((string via, double value) in new[]
            { ("baseline", 1000), ("edgemesh", product), ("/other/build", 21_000) })
        {
            samples.Add("burst-3", Result("burst", via, Metric.Less("last-p99", "us", value)));
        }

        return FiguresPage.Write(samples, new ReportMeta(), rounds: 1);
    }

    private static SampleTable Samples(double[] plain, double[] product, double[] nebula)
    {
        var samples = new SampleTable(["baseline", "edgemesh", "nebula"]);
        foreach ((string via, double[] values) in new[]
            { ("nebula", nebula), ("edgemesh", product), ("baseline", plain) })
        {
            foreach (double value in values)
            {
                samples.Add("tcp1", Result("tcp", via, Metric.More("throughput", "Gbit/s", value)));
            }
        }

        return samples;
    }

    private static PerfResult Result(string test, string via, Metric metric) =>
        new() { Test = test, Via = via, Metrics = [metric] };
}

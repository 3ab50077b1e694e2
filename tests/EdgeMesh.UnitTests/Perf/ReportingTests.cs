using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Xml.Linq;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

/// <summary>Every form of one report, as it was once looked at and found good.</summary>
/// <remarks>EDGEMESH_ACCEPT_GOLDEN=1 writes what is made now as the expected; the diff shows the change.</remarks>
public sealed class ReportingTests
{
    [Theory]
    [InlineData("report.txt")]
    [InlineData("report.json")]
    [InlineData("report.jsonl")]
    [InlineData("report.csv")]
    [InlineData("report.md")]
    [InlineData("report.html")]
    public void Forms_are_as_they_were(string file)
    {
        using var output = new StringWriter { NewLine = "\n" };
        ReportWriter.Write(output, Sample(), ReportWriter.FormatOf(file, OutputFormat.Table));
        string path = Path.Combine(RepositoryRoot(), "tests", "EdgeMesh.UnitTests", "Perf", "Golden", file);
        if (Environment.GetEnvironmentVariable("EDGEMESH_ACCEPT_GOLDEN") == "1")
        {
            File.WriteAllText(path, output.ToString());
        }

        Assert.Equal(File.ReadAllText(path), output.ToString());
    }

    [Fact]
    public void The_page_fetches_and_runs_nothing_and_escapes_all_text()
    {
        const string Hostile = "<script>alert('x')</script>\"&\u001b[2J";
        PerfReport sample = Sample();
        PerfResult result = sample.Results[0];
        PerfReport hostile = sample with
        {
            Meta = sample.Meta with { Kernel = Hostile, Notes = [Hostile] },
            Results =
            [
                result with
                {
                    Test = Hostile,
                    Via = Hostile,
                    Parameters = new Dictionary<string, string> { [Hostile] = Hostile },
                    Notes = [Hostile],
                    Series = [.. result.Series.Select(series => series with { Name = Hostile, Unit = Hostile })],
                    Latencies = [.. result.Latencies.Select(delays => delays with { Name = Hostile })],
                },
                .. sample.Results.Skip(1),
            ],
        };
        using var output = new StringWriter();
        HtmlReport.Write(output, hostile);
        string page = output.ToString();
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("http://", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("https://", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u001b', page);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Charts_are_well_formed()
    {
        using var output = new StringWriter();
        HtmlReport.Write(output, Sample());
        string[] charts =
            [.. output.ToString().Split("<svg").Skip(1).Select(part => "<svg" + part.Split("</svg>")[0] + "</svg>")];
        Assert.Equal(4, charts.Length); // bars of tcp, series of tcp twice, distribution of load
        Assert.All(charts, chart => Assert.Equal("svg", XDocument.Parse(chart).Root!.Name.LocalName));
    }

    [Theory]
    [InlineData(100, 100)]
    [InlineData(100.1, 125)]
    [InlineData(9.9, 10)]
    [InlineData(0.37, 0.4)]
    [InlineData(152_292, 200_000)]
    [InlineData(0, 1e-9)]
    public void The_vertical_axis_ends_at_a_round_number(double greatest, double top)
    {
        Assert.Equal(1, SvgChart.RoundTop(greatest) / top, 1e-6);
    }

    [Fact]
    public void Rows_of_one_metric_stand_below_each_other()
    {
        PerfReport report = Sample();
        IReadOnlyList<IReadOnlyList<string>> rows = ReportTables.Metrics(report, report.Results.Take(2)).Rows;
        Assert.Equal(
            ["baseline throughput", "edgemesh throughput", "baseline retransmits", "edgemesh retransmits"],
            rows.Select(row => $"{row[0]} {row[1]}"));
    }

    [Fact]
    public void A_report_is_read_back_as_it_was_written()
    {
        PerfReport sample = Sample();
        PerfReport read = ReportFile.Parse(System.Text.Encoding.UTF8.GetBytes(ReportFile.Write(sample)), "sample");
        Assert.Equal(ReportFile.Write(sample), ReportFile.Write(read));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"version":99,"meta":{},"results":[]}""")]
    [InlineData("""{"meta":{},"results":[null]}""")]
    [InlineData("""{"meta":null,"results":[]}""")]
    [InlineData("""{"meta":{},"results":[{"test":"x","via":"y","metrics":[null]}]}""")]
    public void A_file_that_is_no_report_is_refused(string json) =>
        Assert.Throws<PerfException>(() => ReportFile.Parse(System.Text.Encoding.UTF8.GetBytes(json), "file"));

    [Fact]
    public void Ratios_are_to_the_baseline_of_the_same_parameters()
    {
        PerfReport report = Sample();
        PerfResult edgemesh = report.Results[1];
        Assert.Equal(new BaselineRatio(0.25, 0.2, 0.3), BaselineRatio.Of(report, edgemesh, edgemesh.Metrics[0]));
        Assert.Null(BaselineRatio.Of(report, report.Results[0], report.Results[0].Metrics[0]));
        Assert.Null(BaselineRatio.Of(report, report.Results[2], report.Results[2].Metrics[0]));
    }

    private static PerfReport Sample()
    {
        var recorder = new LatencyRecorder();
        foreach (int micros in Enumerable.Range(1, 100))
        {
            recorder.Record(micros * 1000);
        }

        return new PerfReport
        {
            Meta = new ReportMeta
            {
                StartTime = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
                CommandLine = "lab --via baseline,edgemesh",
                PerfVersion = "0.1.0",
                Kernel = "6.1.0",
                CpuModel = "A processor",
                Cores = 2,
                MemoryMiB = 2048,
                Placement = "lab",
                MtuBytes = 1500,
                CongestionControl = "cubic",
                Noise = new MachineNoise { BusyPercent = 1, StolenPercent = 0, SpreadPercent = 3.5 },
                Versions = new Dictionary<string, string> { ["nebula"] = "1.6.1" },
                BackEnds = new Dictionary<string, string> { ["edgemesh"] = "io_uring, tso" },
                Notes = ["vxlan is absent: no kernel module"],
            },
            Results = [Tcp(PerfResult.Baseline, 20, 16, 24), Tcp("edgemesh", 5, 4, 6), Load(recorder)],
        };
    }

    private static PerfResult Tcp(string via, params double[] gbits) => new()
    {
        Test = "tcp",
        Via = via,
        Parameters = new Dictionary<string, string> { ["streams"] = "4", ["msg-size"] = "131072" },
        Metrics =
        [
            Metric.More("throughput", "Gbit/s", gbits),
            Metric.Less("retransmits", "", 0, 1, 2) with { IsJudged = false },
        ],
        Series =
        [
            new TimeSeries { Name = $"throughput up {via}", Unit = "Gbit/s", IntervalSeconds = 1, Values = gbits },
        ],
        Costs = [new ProcessCost { Name = "machine", CpuSecondsPerGbit = 0.125, ResidentKiB = 16_384 }],
        Notes = ["a note, with a | and <angle> brackets"],
    };

    private static PerfResult Load(LatencyRecorder recorder) => new()
    {
        Test = "load",
        Via = "edgemesh",
        Parameters = new Dictionary<string, string> { ["streams"] = "1" },
        Metrics = [Metric.Less("loaded-p99", "us", 99)],

        // Deflate's bytes differ between versions of zlib, so the golden files hold none.
        Latencies = [recorder.Summarize("loaded", lost: 1, withHistogram: false) with { Histogram = Fixed }],
    };

    // 1 and 3 microseconds, written by another implementation.
    private const string Fixed =
        "HISTFAAAACd4nJNpmSzMwMDAxgABzFCaEYh5f7hHMNh/gAic52d6Ks4EAG6JBgI=";

    private static string RepositoryRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "EdgeMesh.Dataplane.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests don't run below the repository");
    }
}

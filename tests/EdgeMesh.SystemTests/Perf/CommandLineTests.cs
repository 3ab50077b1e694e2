using System;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Commands;
using EdgeMesh.Perf.Results;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>Whole command lines: what they print, write and exit with. Alone: a sweep takes all processors.</summary>
[Collection(nameof(CommandLineTests))]
[CollectionDefinition(nameof(CommandLineTests), DisableParallelization = true)]
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("edgemesh-perf-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_sweep_measures_every_size_and_number_of_flows()
    {
        using var server = new Loopback();
        string file = PathOf("sweep.json");
        (int code, _, string errors) = await RunAsync(
            "sweep", "--to", server.Target.EndPoint.ToString(), "--duration", "20ms", "--no-noise",
            "--msg-size", "1400,64,16,64", "--out", file);
        Assert.Equal(ExitCodes.Success, code);
        PerfReport report = ReportFile.Read(file);
        Assert.Equal(["64", "1400"], Of(report, "udp", "msg-size"));
        Assert.Equal(["16", "64", "1400"], Of(report, "rr", "msg-size"));
        Assert.Equal(["1", "2", "4", "8", "16", "32", "64"], Of(report, "tcp", "streams"));
        Assert.Contains("no datagrams of 16 bytes", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_step_of_a_sweep_that_fails_costs_no_other()
    {
        using var server = new Loopback();
        string file = PathOf("sweep.json");
        (int code, _, string errors) = await RunAsync(
            "sweep", "--to", server.Target.EndPoint.ToString(), "--duration", "20ms", "--no-noise",
            "--msg-size", "64,2000000", "--out", file);
        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Contains("1 steps are missing", errors, StringComparison.Ordinal);
        PerfReport report = ReportFile.Read(file);
        Assert.Equal(["64"], Of(report, "rr", "msg-size"));
        Assert.Equal(7, Of(report, "tcp", "streams").Length);
        Assert.Contains("2000000 bytes", Assert.Single(report.Meta.Notes, note => note.Contains("missing")));
    }

    [Fact]
    public async Task A_sweep_of_which_nothing_could_be_measured_could_not_run()
    {
        PerfTargetOfNobody(out string nobody);
        string file = PathOf("sweep.json");
        (int code, _, string errors) = await RunAsync(
            "sweep", "--to", nobody, "--duration", "20ms", "--no-noise", "--msg-size", "64", "--out", file);
        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Contains("edgemesh-perf server", errors, StringComparison.Ordinal);
        Assert.False(File.Exists(file));
    }

    [Theory]
    [InlineData("--out")]
    [InlineData("--hdr")]
    [InlineData("--compare")]
    public async Task A_file_that_can_not_be_is_told_before_anything_is_measured(string option)
    {
        PerfTargetOfNobody(out string nobody);
        (int code, _, string errors) = await RunAsync(
            "tcp", "--to", nobody, "--no-noise", option, PathOf("absent/file.json"));
        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Contains("absent", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("edgemesh-perf server", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_report_may_replace_the_one_it_is_compared_with()
    {
        string last = Save("last.json", gbits: 10);
        string now = Save("now.json", gbits: 5);
        (int code, _, string errors) = await RunAsync("report", now, "--compare", last, "--out", last);
        Assert.Equal(ExitCodes.ThresholdFailed, code);
        Assert.Contains("1 regressions", errors, StringComparison.Ordinal);
        Assert.Equal(5, ReportFile.Read(last).Results[0].Metrics[0].Median);
    }

    [Fact]
    public async Task A_failure_is_told_even_if_a_later_threshold_can_not_be_checked()
    {
        string now = Save("now.json", gbits: 5);
        (int code, _, string errors) = await RunAsync(
            "report", now, "--fail-if", "throughput<6Gbit/s", "--fail-if", "p99>1ms");
        Assert.Equal(ExitCodes.CannotRun, code);
        Assert.Contains("failed: tcp via direct: throughput is 5 Gbit/s", errors, StringComparison.Ordinal);
        Assert.Contains("no result has it", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] words)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var errors = new StringWriter(CultureInfo.InvariantCulture);
        int code = await CommandLine.RunAsync(
            words, new Terminal(output, errors, IsInteractive: true), CancellationToken.None);
        return (code, output.ToString(), errors.ToString());
    }

    private static void PerfTargetOfNobody(out string endPoint)
    {
        using var server = new Loopback();
        endPoint = server.Target.EndPoint.ToString();
    }

    private static string[] Of(PerfReport report, string test, string parameter) =>
        [.. report.Results.Where(result => result.Test == test).Select(result => result.Parameters[parameter])];

    private string PathOf(string name) => Path.Combine(_folder, name);

    private string Save(string name, double gbits)
    {
        string path = PathOf(name);
        File.WriteAllText(path, ReportFile.Write(new PerfReport
        {
            Meta = new ReportMeta(),
            Results =
            [
                new PerfResult
                {
                    Test = "tcp",
                    Via = PerfResult.Direct,
                    Metrics = [Metric.More("throughput", "Gbit/s", gbits)],
                },
            ],
        }));
        return path;
    }
}

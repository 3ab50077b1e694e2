using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary><c>edgemesh-perf lab</c>, as a user runs it: one short round, and what it leaves.</summary>
public sealed class LabRunTests : IDisposable
{
    private static readonly string[] Tests =
    [
        "tcp1", "udp64", "ping", "ping-load1", "rr", "rr-udp", "load1", "fair", "loss-tcp", "start", "memory-2",
        "burst-3", "slow-peers", "overload", "tun-queue",
    ];

    private readonly string _directory = Directory.CreateTempSubdirectory("edgemesh-perf").FullName;

    [Fact]
    public async Task One_round_measures_everything_it_was_asked_for_and_leaves_nothing()
    {
        RequireLab();
        string page = Path.Combine(_directory, "page.md");
        await File.WriteAllTextAsync(
            page,
            "before\n<!-- figures: begin (written by `make figures`) -->\nold\n<!-- figures: end -->\nafter\n",
            TestContext.Current.CancellationToken);
        CommandResult run = await RunAsync(
            "--via", "baseline,edgemesh", "--tests", string.Join(',', Tests), "--rounds", "1", "--duration", "0.5",
            "--figures", page, "--out", _directory);
        Assert.True(run.IsSuccess, run.ErrorOutput);
        Assert.Contains("about", run.ErrorOutput, StringComparison.Ordinal);

        using var report = JsonDocument.Parse(File.ReadAllText(Path.Combine(_directory, "report.json")));
        AssertMeta(report.RootElement.GetProperty("meta"));
        JsonElement[] results = [.. report.RootElement.GetProperty("results").EnumerateArray()];
        foreach (string via in (string[])["baseline", "edgemesh"])
        {
            AssertMetric(results, "tcp", via, "throughput", 1e-3, 1000);
            AssertMetric(results, "udp", via, "packets", 1, 1e9);
            AssertMetric(results, "ping", via, "p50", 1, 1e6);
            AssertMetric(results, "ping", via, "p99", 1, 1e6);
            AssertMetric(results, "rr", via, "p50", 1, 1e6);
            AssertMetric(results, "load", via, "loaded-p99", 1, 1e7);
            AssertMetric(results, "tcp", via, "fairness", 1.0 / 8, 1);
            AssertMetric(results, "tcp", via, "cpu-machine", 1e-4, 1000);
        }

        AssertMetric(results, "tcp", "edgemesh", "cpu-daemons", 1e-4, 1000);
        AssertMetric(results, "tcp", "edgemesh", "system-calls", 1e-6, 100);
        AssertMetric(results, "tcp", "edgemesh", "packets-per-pass", 1e-3, 1e6);
        AssertMetric(results, "start", "edgemesh", "first-packet", 1, 20_000);
        AssertMetric(results, "memory", "edgemesh", "resident", 1, 1000);
        foreach (string via in (string[])["baseline", "edgemesh"])
        {
            AssertMetric(results, "burst", via, "lost", 0, 100);
            AssertMetric(results, "burst", via, "last-p99", 1, 1e8);
            AssertMetric(results, "slow-peers", via, "lost", 0, 100);
            AssertMetric(results, "slow-peers", via, "p99-times-idle", 1e-3, 1e6);
            AssertMetric(results, "overload", via, "share-46x1400", 0, 2);
            AssertMetric(results, "tun-queue", via, "tcp-throughput", 1e-3, 1000);
        }

        Assert.Contains(results, result => result.GetProperty("parameters").TryGetProperty("loss", out _));
        Assert.DoesNotContain(results, result => result.GetProperty("via").GetString() == "nebula");

        string tables = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.StartsWith("before\n", tables, StringComparison.Ordinal);
        Assert.EndsWith("<!-- figures: end -->\nafter\n", tables, StringComparison.Ordinal);
        Assert.Contains("| TCP, 1 flow | Gbit/s |", tables, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(_directory, "report.html")));
        Assert.True(File.Exists(Path.Combine(_directory, "report.md")));
        Assert.Empty(LabRegistry.Living());
    }

    [Fact]
    public async Task Alternative_that_is_absent_is_named_and_the_others_are_measured()
    {
        RequireLab();
        CommandResult run = await RunAsync(
            "--via", "baseline,/no/such/build", "--tests", "ping", "--rounds", "1", "--duration", "0.2",
            "--output", "json");
        Assert.True(run.IsSuccess, run.ErrorOutput);
        Assert.Contains("/no/such/build is not measured", run.ErrorOutput, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(run.Output);
        Assert.Contains(
            report.RootElement.GetProperty("meta").GetProperty("notes").EnumerateArray(),
            note => note.GetString()!.Contains("/no/such/build", StringComparison.Ordinal));
        JsonElement only = Assert.Single(report.RootElement.GetProperty("results").EnumerateArray());
        Assert.Equal("baseline", only.GetProperty("via").GetString());
    }

    [Theory]
    [InlineData("--via", "openvpn")]
    [InlineData("--tests", "tcp9")]
    [InlineData("--tests", "memory-101")]
    [InlineData("--rounds", "0")]
    [InlineData("--duration", "0")]
    public async Task What_cannot_be_asked_for_ends_with_a_sentence_before_a_lab_is_built(string option, string value)
    {
        RequireLab();
        CommandResult run = await RunAsync(option, value);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains("edgemesh-perf: ", run.ErrorOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("labs up", run.ErrorOutput, StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static void AssertMeta(JsonElement meta)
    {
        Assert.Equal("lab", meta.GetProperty("placement").GetString());
        Assert.NotEqual("", meta.GetProperty("kernel").GetString());
        Assert.Contains("edgemesh", meta.GetProperty("versions").EnumerateObject().Select(version => version.Name));
        string backEnd = meta.GetProperty("backEnds").GetProperty("edgemesh").GetString()!;
        Assert.Matches("^(io_uring|epoll), offloads .*, workers 1, pods' MTU 1500$", backEnd);
    }

    private static void AssertMetric(
        IEnumerable<JsonElement> results, string test, string via, string name, double least, double most)
    {
        JsonElement[] metrics =
        [
            .. from result in results
               where result.GetProperty("test").GetString() == test && result.GetProperty("via").GetString() == via
               from metric in result.GetProperty("metrics").EnumerateArray()
               where metric.GetProperty("name").GetString() == name
               select metric,
        ];
        Assert.True(metrics.Length > 0, $"no {name} of {test} by {via}");
        Assert.All(
            metrics.SelectMany(metric => metric.GetProperty("samples").EnumerateArray()),
            sample => Assert.InRange(sample.GetDouble(), least, most));
    }

    private static async Task<CommandResult> RunAsync(params string[] options) => await Command.RunAsync(
        [Repository.Program("edgemesh-perf"), "lab", .. options],
        input: null,
        timeout: TimeSpan.FromSeconds(120),
        TestContext.Current.CancellationToken);

    private static void RequireLab()
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
    }
}

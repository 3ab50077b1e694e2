using System;
using System.Buffers;
using System.Collections.Generic;
using System.ComponentModel;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Metrics;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Metrics;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Metrics;

public sealed class MetricFamiliesTests
{
    internal static NodeModel Filled { get; } = new()
    {
        Version = "0.1.0+abcdef",
        Node = "cloud-1",
        PeerId = "12D3KooWA",
        Out = new DirectionCounts(1, 2, 3, 4),
        In = new DirectionCounts(5, 6, 7, 8),
        DroppedOut = [new LabelledCount("no_route", 9)],
        DroppedIn = [new LabelledCount("spoofed_source", 10)],
        QueuePackets = 11,
        QueueBytes = 12,
        PoolUsedBytes = 13,
        PoolLimitBytes = 27,
        PoolExhausted = 16,
        Peers = [new PeerCount("connected", "direct", 17), new PeerCount("backoff", "", 18)],
        ConnectionEvents = [new LabelledCount("stranger", 19)],
        RoutesIpv4 = 20,
        RoutesIpv6 = 21,
        Conflicts = ["one", "another"],
        Generation = 23,
        SnapshotAge = TimeSpan.FromSeconds(24.5),
        IsControlConnected = true,
        Workers = 25,
        IoBackend = "io_uring",
        IoFeatures = ["single_issuer", "defer_taskrun"],
        Offloads = ["tso4", "tso6"],
        SystemCalls = 26,
        LoopIterations = 27,
        Completions = 28,
        Streams = 29,
        AllocatedBytes = 30,
        TunQueueDrops = 31,
        Scrapes = [new LabelledCount("cut", 32)],
    };

    [Theory]
    [InlineData("edgemesh_packets_total{direction=\"out\"} 1")]
    [InlineData("edgemesh_packets_total{direction=\"in\"} 5")]
    [InlineData("edgemesh_bytes_total{direction=\"out\"} 2")]
    [InlineData("edgemesh_packets_delivered_total{direction=\"in\"} 7")]
    [InlineData("edgemesh_bytes_delivered_total{direction=\"out\"} 4")]
    [InlineData("edgemesh_packets_dropped_total{direction=\"out\",reason=\"no_route\"} 9")]
    [InlineData("edgemesh_packets_dropped_total{direction=\"in\",reason=\"spoofed_source\"} 10")]
    [InlineData("edgemesh_queue_packets 11")]
    [InlineData("edgemesh_queue_bytes 12")]
    [InlineData("edgemesh_pool_bytes{state=\"used\"} 13")]
    [InlineData("edgemesh_pool_bytes{state=\"free\"} 14")]
    [InlineData("edgemesh_pool_limit_bytes 27")]
    [InlineData("edgemesh_pool_exhausted_total 16")]
    [InlineData("edgemesh_peers{state=\"connected\",path=\"direct\"} 17")]
    [InlineData("edgemesh_peers{state=\"backoff\",path=\"none\"} 18")]
    [InlineData("edgemesh_connection_events_total{reason=\"stranger\"} 19")]
    [InlineData("edgemesh_streams 29")]
    [InlineData("edgemesh_worker_allocated_bytes_total 30")]
    [InlineData("edgemesh_routes{family=\"ipv4\"} 20")]
    [InlineData("edgemesh_routes{family=\"ipv6\"} 21")]
    [InlineData("edgemesh_conflicts 2")]
    [InlineData("edgemesh_route_generation 23")]
    [InlineData("edgemesh_snapshot_age_seconds 24.5")]
    [InlineData("edgemesh_control_connected 1")]
    [InlineData("edgemesh_workers 25")]
    [InlineData("edgemesh_io_backend_info{backend=\"io_uring\"} 1")]
    [InlineData("edgemesh_io_feature_info{feature=\"defer_taskrun\"} 1")]
    [InlineData("edgemesh_tun_offload_info{offload=\"tso6\"} 1")]
    [InlineData("edgemesh_io_system_calls_total 26")]
    [InlineData("edgemesh_io_iterations_total 27")]
    [InlineData("edgemesh_io_completions_total 28")]
    [InlineData("edgemesh_node_info{node=\"cloud-1\",peer_id=\"12D3KooWA\"} 1")]
    [InlineData("edgemesh_tun_queue_drops_total 31")]
    [InlineData("edgemesh_scrapes_total{outcome=\"cut\"} 32")]
    public void Each_value_has_its_series(string line) => Assert.Contains(line, Scrape().Split('\n'));

    [Fact]
    public void Build_info_splits_version_and_commit() =>
        Assert.Contains(
            "edgemesh_build_info{version=\"0.1.0\",commit=\"abcdef\",runtime=\".NET 10.", Scrape(),
            StringComparison.Ordinal);

    [Fact]
    public void Scrape_of_a_model_allocates_little()
    {
        var output = new ArrayBufferWriter<byte>(1 << 16);
        MetricsWriter writer = new(output);
        Assert.InRange(
            AllocatedBytes.InEachRun(() =>
            {
                output.ResetWrittenCount();
                MetricFamilies.Write(writer, Filled);
            }),
            0,
            200); // version and commit, cut out of one text
    }

    [Fact]
    public void No_family_is_begun_twice_and_no_series_is_repeated()
    {
        string[] lines = Scrape().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        IEnumerable<string> keys = lines.Select(line => line[..line.LastIndexOf(' ')]);
        Assert.Empty(keys.GroupBy(key => key).Where(group => group.Count() > 1).Select(group => group.Key));
    }

    [Fact]
    public void Process_sample_agrees_with_the_runtime()
    {
        ProcessSample sample = ProcessSample.Read();
        using var self = Process.GetCurrentProcess();
        Assert.InRange(sample.ResidentBytes, self.WorkingSet64 / 2, self.WorkingSet64 * 2);
        Assert.InRange(sample.CpuSeconds, 0.01, self.TotalProcessorTime.TotalSeconds + 0.02);
        Assert.InRange(
            sample.StartTimeSeconds - new DateTimeOffset(self.StartTime).ToUnixTimeMilliseconds() / 1000.0, -2.0, 2.0);
        Assert.InRange(sample.Threads, 2, 1000);
        Assert.InRange(sample.OpenFiles, 3, sample.OpenFilesLimit);
        Assert.True(sample.VirtualBytes > sample.ResidentBytes);
    }

    [Fact]
    public async Task Promtool_finds_nothing_to_complain_about()
    {
        (int exitCode, string output) = await CheckAsync(Scrape());
        Assert.Equal("", output);
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Promtool_finds_nothing_in_an_empty_model()
    {
        (int exitCode, string output) = await CheckAsync(
            Scrape(new NodeModel { Version = "" }));
        Assert.Equal("", output);
        Assert.Equal(0, exitCode);
    }

    internal static async Task<(int ExitCode, string Output)> CheckAsync(string text)
    {
        var start = new ProcessStartInfo(PromtoolPath(), ["check", "metrics"])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        Process? process = null;
        try
        {
            process = Process.Start(start);
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"promtool can't be started ({e.Message}): `make test` fetches it");
        }

        using (process)
        {
            Task<string> errors = process!.StandardError.ReadToEndAsync();
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            await process.StandardInput.WriteAsync(text);
            process.StandardInput.Close();
            await process.WaitForExitAsync();
            return (process.ExitCode, await errors + await output);
        }
    }

    // Where .ci/packages puts it, else wherever the machine has it.
    private static string PromtoolPath()
    {
        for (string? directory = AppContext.BaseDirectory; directory is not null;
            directory = Path.GetDirectoryName(directory))
        {
            string own = Path.Combine(directory, "artifacts", "tools", "promtool");
            if (File.Exists(own))
            {
                return own;
            }
        }

        return "promtool";
    }

    private static string Scrape(NodeModel? model = null)
    {
        var output = new ArrayBufferWriter<byte>();
        MetricsWriter writer = new(output);
        MetricFamilies.Write(writer, model ?? Filled);
        ProcessMetrics.Write(writer, ProcessSample.Read());
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}

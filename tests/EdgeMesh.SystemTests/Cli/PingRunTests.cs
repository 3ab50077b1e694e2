using System;
using System.IO;
using System.Text.Json;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Cli;
using EdgeMesh.Cli.Commands;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.SystemTests.Cli;

public sealed class PingRunTests
{
    private int _probes;

    [Fact]
    public async Task Each_probe_is_a_line_and_the_summary_has_min_mean_max_and_loss()
    {
        await using var dataplane = new FakeDataplane(SecondIsLost);
        (int exitCode, string output, string errors) = await dataplane.RunAsync(
            "ping", "10.244.5.9", "-c", "3", "-i", "0.002");
        Assert.Equal("", errors);
        Assert.Equal(0, exitCode);
        Assert.Equal(
            """
            PING 10.244.5.9 through the mesh
            answer from edge-a: seq=1 path=direct endpoint=10.99.0.2:20006 time=1.000 ms
            no answer: seq=2: edge-a did not answer within 2 s
            answer from edge-a: seq=3 path=direct endpoint=10.99.0.2:20006 time=3.000 ms far_queue=0.500 ms

            --- 10.244.5.9 (edge-a) ping statistics ---
            3 probes sent, 2 answered, 33.33% lost
            rtt min/avg/max = 1.000/2.000/3.000 ms

            """,
            output);
    }

    [Fact]
    public async Task Json_is_the_summary()
    {
        await using var dataplane = new FakeDataplane(SecondIsLost);
        (int exitCode, string output, _) = await dataplane.RunAsync(
            "ping", "x", "-c", "3", "-i", "0.002", "--output", "json");
        Assert.Equal(0, exitCode);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal("edge-a", json.GetProperty("node").GetString());
        Assert.Equal(2, json.GetProperty("answered").GetInt32());
        Assert.Equal(0.002, json.GetProperty("rttMeanSeconds").GetDouble(), 9);
    }

    [Fact]
    public async Task Ping_without_any_answer_is_exit_code_1()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.Unreachable, "edge-a has no connection"));
        (int exitCode, string output, _) = await dataplane.RunAsync("ping", "edge-a", "-c", "2", "-i", "0.002");
        Assert.Equal(1, exitCode);
        Assert.Contains("no answer: seq=2: edge-a has no connection\n", output, StringComparison.Ordinal);
        Assert.EndsWith("2 probes sent, 0 answered, 100% lost\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_target_ends_at_once()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.NotFound, "no node of that name: see edgemesh peers"));
        (int exitCode, string output, string errors) = await dataplane.RunAsync("ping", "nobody");
        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Equal("edgemesh: no node of that name: see edgemesh peers\n", errors);
    }

    [Fact]
    public async Task Target_that_is_no_target_is_a_usage_error()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.Invalid, "not an address of the overlay: give a pod's"));
        (int exitCode, _, _) = await dataplane.RunAsync("ping", "224.0.0.1");
        Assert.Equal(2, exitCode);
    }

    [Fact]
    public async Task Timeout_reaches_the_data_plane_in_milliseconds()
    {
        uint seen = 0;
        await using var dataplane = new FakeDataplane(request =>
        {
            seen = request.Ping.TimeoutMilliseconds;
            return new Response { Ping = new PingReply() };
        });
        await dataplane.RunAsync("ping", "x", "-c", "1", "-W", "0.25");
        Assert.Equal(250u, seen);
    }

    [Fact]
    public async Task Interrupted_ping_still_sums_up()
    {
        using var interrupt = new CancellationTokenSource();
        await using var dataplane = new FakeDataplane(request =>
        {
            interrupt.CancelAfter(20);
            return new Response { Ping = new PingReply { Node = "edge-a", RttSeconds = 0.001 } };
        });
        using var output = new StringWriter();
        using var errors = new StringWriter();
        int exitCode = await CommandLine.RunAsync(
            ["ping", "x", "-c", "0", "--socket", dataplane.SocketPath], new Terminal(output, errors, 100),
            interrupt.Token);
        Assert.Equal(0, exitCode);
        Assert.Contains("1 probes sent, 1 answered, 0% lost\n", output.ToString(), StringComparison.Ordinal);
    }

    private Response SecondIsLost(Request request)
    {
        _probes++;
        return _probes == 2
            ? throw new RequestRefusedException(ErrorCode.Unreachable, "edge-a did not answer within 2 s")
            : new Response
            {
                Ping = new PingReply
                {
                    Node = "edge-a",
                    Path = "direct",
                    Endpoint = "10.99.0.2:20006",
                    RttSeconds = _probes / 1000.0,
                    FarQueueSeconds = _probes == 3 ? 0.0005 : 0,
                },
            };
    }
}

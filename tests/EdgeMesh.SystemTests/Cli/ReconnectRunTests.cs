using System;
using System.Text.Json;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.SystemTests.Cli;

public sealed class ReconnectRunTests
{
    private static readonly Reconnected Done = new()
    {
        Node = "edge-a",
        Path = "direct",
        Endpoint = "10.99.0.2:20006",
        Seconds = 0.0123,
        ReplacedEndpoint = "10.99.0.9:20006",
    };

    [Fact]
    public async Task A_new_connection_is_told_with_the_one_it_replaced()
    {
        Request? asked = null;
        await using var dataplane = new FakeDataplane(request =>
        {
            asked = request;
            return new Response { Reconnected = Done };
        });
        (int exitCode, string output, string errors) = await dataplane.RunAsync("reconnect", "edge-a", "-W", "2.5");
        Assert.Equal((0, ""), (exitCode, errors));
        Assert.Equal(("edge-a", 2500u), (asked!.Reconnect.Node, asked.Reconnect.TimeoutMilliseconds));
        Assert.Equal(
            "edge-a: new connection to 10.99.0.2:20006 (path direct) carries packets after 12.3 ms, "
            + "in place of the one to 10.99.0.9:20006\n",
            output);
    }

    [Fact]
    public async Task A_first_connection_is_told_as_such()
    {
        Reconnected first = Done.Clone();
        first.ReplacedEndpoint = "";
        await using var dataplane = new FakeDataplane(_ => new Response { Reconnected = first });
        (_, string output, _) = await dataplane.RunAsync("reconnect", "edge-a");
        Assert.EndsWith("there was no connection before\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_field()
    {
        await using var dataplane = new FakeDataplane(_ => new Response { Reconnected = Done });
        (int exitCode, string output, _) = await dataplane.RunAsync("reconnect", "edge-a", "-o", "json");
        Assert.Equal(0, exitCode);
        JsonElement json = JsonDocument.Parse(output).RootElement;
        Assert.Equal("edge-a", json.GetProperty("node").GetString());
        Assert.Equal("direct", json.GetProperty("path").GetString());
        Assert.Equal("10.99.0.2:20006", json.GetProperty("endpoint").GetString());
        Assert.Equal(0.0123, json.GetProperty("seconds").GetDouble());
        Assert.Equal("10.99.0.9:20006", json.GetProperty("replacedEndpoint").GetString());
    }

    [Theory]
    [InlineData(ErrorCode.NotFound, "there is no node edge-z")]
    [InlineData(ErrorCode.Unreachable, "no new connection to edge-z within 10 s")]
    public async Task A_refusal_is_exit_code_1_and_the_data_planes_sentence(ErrorCode code, string sentence)
    {
        await using var dataplane = new FakeDataplane(_ => throw new RequestRefusedException(code, sentence));
        (int exitCode, string output, string errors) = await dataplane.RunAsync("reconnect", "edge-z");
        Assert.Equal((1, "", $"edgemesh: {sentence}\n"), (exitCode, output, errors));
    }

    [Fact]
    public async Task A_data_plane_that_can_t_is_named_as_another_version()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.Unsupported, "unknown request"));
        (int exitCode, _, string errors) = await dataplane.RunAsync("reconnect", "edge-a");
        Assert.Equal(1, exitCode);
        Assert.Contains("of another version", errors, StringComparison.Ordinal);
    }
}

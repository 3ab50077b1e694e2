using System;
using System.CommandLine;
using System.Threading.Tasks;
using EdgeMesh.ControlPlane.Controller;
using EdgeMesh.ControlPlane.Health;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class HeartbeatsTests
{
    [Fact]
    public void Task_that_does_not_come_round_in_its_time_is_named()
    {
        var time = new SetTime();
        var heartbeats = new Heartbeats(time);
        Heartbeat kernel = heartbeats.Add("kernel");
        Heartbeat dataplane = heartbeats.Add("dataplane");
        time.Pass(Heartbeats.SilenceMax);
        Assert.Null(heartbeats.Fault());
        dataplane.Mark();
        time.Pass(TimeSpan.FromTicks(1));
        Assert.Equal("no round for 120 s of the tasks: kernel", heartbeats.Fault());
        kernel.Mark();
        Assert.Null(heartbeats.Fault());
    }

    [Fact]
    public void Task_that_rests_is_not_missed()
    {
        var time = new SetTime();
        var heartbeats = new Heartbeats(time);
        Heartbeat term = heartbeats.Add("term");
        term.Rest();
        time.Pass(TimeSpan.FromDays(1));
        Assert.Null(heartbeats.Fault());
        term.Mark();
        time.Pass(TimeSpan.FromDays(1));
        Assert.NotNull(heartbeats.Fault());
    }

    [Theory]
    [InlineData("127.0.0.1:9465", true)]
    [InlineData("[::1]:0", true)]
    [InlineData("off", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost:1", false)]
    [InlineData("", false)]
    public void Address_of_the_probes_is_an_address_with_a_port_or_off(string text, bool isGood) =>
        Assert.Equal(isGood, HealthAddress.TryParse(text, out _));

    [Theory]   // each of the three, as its command takes it: with off there is no address, and that is no error
    [InlineData("off", null)]
    [InlineData("[::1]:9000", "[::1]:9000")]
    [InlineData(null, "127.0.0.1:9465")]
    public void Option_of_the_probes_gives_the_address_or_none(string? text, string? expected)
    {
        Option<HealthAddress> health = HealthAddress.Option("127.0.0.1:9465");
        var command = new RootCommand { health };
        ParseResult parsed = command.Parse(text is null ? [] : ["--health", text]);
        Assert.Empty(parsed.Errors);
        Assert.Equal(expected, parsed.GetValue(health)!.EndPoint?.ToString());
    }

    [Fact]
    public async Task Controller_runs_without_probes()
    {
        ControllerOptions? seen = null;
        Command command = ControllerCommand.Create(new Option<string>("--log-level"), (_, options, _) =>
        {
            seen = options;
            return Task.FromResult(0);
        });
        Assert.Equal(0, await command.Parse(["--health", "off"]).InvokeAsync(
            cancellationToken: TestContext.Current.CancellationToken));
        Assert.Null(Assert.IsType<ControllerOptions>(seen).Health);
    }
}

using System;
using System.CommandLine;
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

    [Theory]
    [InlineData("", "127.0.0.1:9")]
    [InlineData("--health off", null)]
    [InlineData("--health [::1]:8", "[::1]:8")]
    public void Address_of_the_probes_is_read_from_the_command_line(string words, string? expected)
    {
        Option<HealthChoice> option = HealthAddress.Option("127.0.0.1:9");
        ParseResult parsed = new RootCommand { option }.Parse(words);
        Assert.Empty(parsed.Errors);
        Assert.Equal(expected, parsed.GetValue(option)!.EndPoint?.ToString());
    }
}

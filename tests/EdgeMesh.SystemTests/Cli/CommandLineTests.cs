using System;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.SystemTests.Cli;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("status")]
    [InlineData("peers")]
    [InlineData("routes")]
    [InlineData("drops")]
    [InlineData("ping", "10.0.0.1")]
    [InlineData("reconnect", "edge-a")]
    public async Task No_data_plane_is_one_sentence_and_exit_code_3(params string[] words)
    {
        (int exitCode, string output, string errors) = await FakeDataplane.RunBareAsync(
            [.. words, "--socket", "/nowhere/d.sock"]);
        Assert.Equal(3, exitCode);
        Assert.Equal("", output);
        Assert.Equal(
            "edgemesh: there is no socket '/nowhere/d.sock': start edgemesh-dataplane, "
            + "or give the --socket it was started with\n",
            errors);
    }

    [Theory]
    [InlineData]
    [InlineData("nonsense")]
    [InlineData("status", "--nonsense")]
    [InlineData("status", "--output", "yaml")]
    [InlineData("status", "extra")]
    [InlineData("ping")]
    [InlineData("ping", "a", "-c", "-1")]
    [InlineData("ping", "a", "-c", "x")]
    [InlineData("ping", "a", "-c", "99999999999999999999")]
    [InlineData("ping", "a", "-i", "0")]
    [InlineData("ping", "a", "-i", "NaN")]
    [InlineData("ping", "a", "-i", "x")]
    [InlineData("ping", "a", "-W", "11")]
    [InlineData("ping", "a", "-W", "Infinity")]
    [InlineData("reconnect")]
    [InlineData("reconnect", "a", "b")]
    [InlineData("reconnect", "a", "-W", "0")]
    [InlineData("reconnect", "a", "-W", "61")]
    public async Task Wrong_command_line_is_exit_code_2_and_points_to_help(params string[] words)
    {
        (int exitCode, string output, string errors) = await FakeDataplane.RunBareAsync(words);
        Assert.Equal(2, exitCode);
        Assert.Equal("", output);
        Assert.StartsWith("edgemesh: ", errors, StringComparison.Ordinal);
        Assert.EndsWith("edgemesh: see edgemesh --help\n", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Help_lists_commands_and_exit_codes()
    {
        (int exitCode, string output, _) = await FakeDataplane.RunBareAsync("--help");
        Assert.Equal(0, exitCode);
        string[] words = ["status", "peers", "routes", "drops", "ping", "reconnect", "Exit codes:", "  3  "];
        foreach (string word in words)
        {
            Assert.Contains(word, output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Help_of_a_command_names_the_default_socket()
    {
        (_, string output, _) = await FakeDataplane.RunBareAsync("status", "--help");
        Assert.Contains("/run/edgemesh/dataplane.sock", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_plane_that_does_not_know_the_request_is_named_as_another_version()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.Unsupported, "unknown request"));
        (int exitCode, _, string errors) = await dataplane.RunAsync("drops");
        Assert.Equal(1, exitCode);
        Assert.Contains("of another version", errors, StringComparison.Ordinal);
        Assert.Contains("upgrade", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Answer_to_another_question_is_named_as_another_version()
    {
        await using var dataplane = new FakeDataplane(_ => new Response { Status = new Status() });
        (int exitCode, _, string errors) = await dataplane.RunAsync("drops");
        Assert.Equal(1, exitCode);
        Assert.Contains("of another version", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusal_is_told_in_the_data_planes_words()
    {
        await using var dataplane = new FakeDataplane(
            _ => throw new RequestRefusedException(ErrorCode.Unspecified, "it hurts: stop it"));
        (int exitCode, string output, string errors) = await dataplane.RunAsync("status");
        Assert.Equal(1, exitCode);
        Assert.Equal("", output);
        Assert.Equal("edgemesh: it hurts: stop it\n", errors);
    }
}

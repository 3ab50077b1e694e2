using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Operators;

/// <summary>What an operator sees and reads. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed partial class CommandLineTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private MeshNode Cloud => fixture.Mesh.Node("cloud-1");

    [Fact]
    public async Task Status_names_the_node_its_back_end_and_its_peers()
    {
        fixture.RequireMesh();
        CliView status = await Cloud.StatusAsync();
        Assert.Equal("cloud-1", status.Text("node"));
        Assert.Equal(Cloud.PeerId, status.Text("peer_id"));
        Assert.Contains(status.Text("io_backend"), (string[])["io_uring", "epoll"]);
        Assert.Equal("edge_tun0", status.Text("tun"));
        Assert.Equal(1500, status.Count("mtu"));
        Assert.Equal(3, status.Count("peers_connected"));
        Assert.True(status.Flag("control_connected"));
        Assert.True(status.Count("generation") > 0);
        Assert.Contains("/ip4/10.99.0.1/tcp/20006", status.Texts("listen").Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peers_shows_each_connected_by_a_direct_path()
    {
        fixture.RequireMesh();
        IReadOnlyList<CliView> peers = (await Cloud.AskAsync("peers")).Items("peers");
        Assert.Equal(["cloud-2", "edge-a", "edge-b"], peers.Select(peer => peer.Text("name")).Order());
        Assert.All(peers, peer => Assert.Equal("connected", peer.Text("state")));
        Assert.All(peers, peer => Assert.Equal("direct", peer.Text("path")));
        Assert.All(peers, peer => Assert.Equal(fixture.Mesh.Node(peer.Text("name")).PeerId, peer.Text("peer_id")));
    }

    [Fact]
    public async Task Routes_shows_each_prefix_with_its_node()
    {
        fixture.RequireMesh();
        CliView answer = await Cloud.AskAsync("routes");
        var routes = answer.Items("routes").ToDictionary(route => route.Text("prefix"), route => route);
        foreach (LabNode node in fixture.Lab.Nodes)
        {
            foreach (string prefix in (string[])[node.Plan.Prefix4.ToString(), node.Plan.Prefix6.ToString()])
            {
                Assert.True(routes.TryGetValue(prefix, out CliView? route), answer.Raw);
                Assert.Equal(node.Name, route.Text("node"));
                Assert.Equal(node.Name == "cloud-1", route.Flag("local"));
            }
        }
    }

    [Theory]
    [InlineData("edge-a")]
    [InlineData("10.244.6.11")]
    [InlineData("fd00:5::b")]
    public async Task Ping_goes_through_the_tunnel_and_shows_round_trip_and_path(string target)
    {
        fixture.RequireMesh();
        CommandResult result = await Cloud.RunCliAsync("ping", target, "-c", "3");
        Assert.True(result.IsSuccess, result.Output + result.ErrorOutput);
        Assert.Contains("direct", result.Output, StringComparison.Ordinal);
        Assert.Contains("ms", result.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-node")]
    [InlineData("10.244.3.1")]
    public async Task Ping_of_what_is_not_there_fails_with_a_sentence(string target)
    {
        fixture.RequireMesh();
        CommandResult result = await Cloud.RunCliAsync("ping", target, "-c", "1");
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(target, result.Output + result.ErrorOutput, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status", "cloud-1")]
    [InlineData("peers", "edge-b")]
    [InlineData("routes", "10.244.5.0/24")]
    [InlineData("drops", "")]
    public async Task Tables_are_for_people(string verb, string contains)
    {
        fixture.RequireMesh();
        CommandResult result = await Cloud.RunCliAsync(verb);
        Assert.True(result.IsSuccess, result.ErrorOutput);
        Assert.Contains(contains, result.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("{", result.Output, StringComparison.Ordinal);
        Assert.All(result.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 160));
    }

    [Fact]
    public async Task Socket_of_no_process_is_named_with_its_remedy()
    {
        fixture.RequireMesh();
        CommandResult result = await Command.RunAsync(
            [Repository.Program("edgemesh"), "status", "--socket", "/run/edgemesh-nobody.sock"]);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("/run/edgemesh-nobody.sock", result.ErrorOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_clean_and_agree_with_status()
    {
        fixture.RequireMesh();
        string metrics = await Cloud.MetricsAsync();
        Assert.Contains("edgemesh_packets_dropped_total{", metrics, StringComparison.Ordinal);
        Assert.Contains("reason=\"no_route\"", metrics, StringComparison.Ordinal);
        string promtool = PromtoolPath();
        Assert.SkipWhen(promtool.Length == 0, "promtool is missing: `make test` fetches it");
        CommandResult check = await Command.RunAsync([promtool, "check", "metrics"], metrics);
        Assert.True(check.IsSuccess, check.Output + check.ErrorOutput);
        Assert.Equal("", check.Output + check.ErrorOutput);
    }

    [Fact]
    public async Task Log_has_one_line_per_event_and_none_per_packet()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("cloud-1-pod1");
        int before = Cloud.Dataplane!.Log.Split('\n').Length;
        PingRun run = await PingRun.RunAsync(
            from.Network, fixture.Lab.Pod("edge-a-pod1").Plan.Address4, 500, TimeSpan.FromMilliseconds(2));
        Assert.True(run.IsWhole);
        string[] lines = Cloud.Dataplane.Log.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Length, 1, before + 20);
        Assert.All(lines, line => Assert.Matches(LogLine(), line));
    }

    [Theory]
    [InlineData("--io", "nonsense")]
    [InlineData("--mtu", "100")]
    [InlineData("--listen", "/ip4/10.99.0.1/udp/1")]
    [InlineData("--metrics", "nowhere")]
    public async Task Wrong_option_is_refused_at_once_with_a_sentence(string option, string value)
    {
        fixture.RequireMesh();
        string state = Cloud.Node.PathOf("refused");
        CommandResult result = await Command.RunAsync(
            [
                Repository.Program("edgemesh-dataplane"), "run", "--node", "x", "--state", state,
                "--socket", Cloud.Node.PathOf("refused.sock"), "--tun", "emtest0", option, value,
            ],
            timeout: TimeSpan.FromSeconds(5));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains(value, result.Output + result.ErrorOutput, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Output + result.ErrorOutput, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_that_another_process_has_is_named_once_with_its_remedy()
    {
        fixture.RequireMesh();
        CommandResult result = await Cloud.Node.Network.RunAsync(
            [
                Repository.Program("edgemesh-dataplane"), "run", "--node", "x", "--state", Cloud.Node.PathOf("taken"),
                "--socket", Cloud.Node.PathOf("taken.sock"), "--tun", "emtest0", "--metrics", "off",
                "--listen", "/ip4/10.99.0.1/tcp/20006",
            ],
            input: null,
            timeout: TimeSpan.FromSeconds(10));
        Assert.NotEqual(0, result.ExitCode);
        Assert.Equal(2, result.ErrorOutput.Split("10.99.0.1:20006").Length);
        Assert.Equal(2, result.ErrorOutput.Split("stop the process that has it, or choose another one").Length);
    }

    private static string PromtoolPath()
    {
        string own = System.IO.Path.Combine(Repository.ArtifactsDirectory, "tools", "promtool");
        return LabSupport.IsInstalled("promtool") ? "promtool" : System.IO.File.Exists(own) ? own : "";
    }

    [GeneratedRegex(
        "^[0-9T:.-]+Z (error|warn|info|debug) [a-z_0-9]+( [a-z_0-9]+=(\"|[^ ]*))*", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex LogLine();
}

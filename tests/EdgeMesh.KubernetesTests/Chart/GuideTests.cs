using System.Threading.Tasks;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>The user's guide, word by word, and the other names of its settings.</summary>
public sealed class GuideTests
{
    private const string Relay =
        "agent.relayNodes[0].nodeName=k8s-master,agent.relayNodes[0].advertiseAddress={1.1.1.1}";

    private const string RelaySetting = """[{"advertiseAddress":["1.1.1.1"],"nodeName":"k8s-master"}]""";

    public static TheoryData<string> Versions => HelmTool.Versions;

    [Theory]
    [InlineData("helm3", "agent.")]
    [InlineData("helm4", "agent.")]
    [InlineData("helm3", "agent.meshCIDRConfig.")]
    [InlineData("helm4", "agent.meshCIDRConfig.")]
    [InlineData("helm4", "agent.modules.edgeCNI.meshCIDRConfig.")]
    public async Task The_command_of_the_guide_works_as_it_stands(string version, string prefix)
    {
        RenderedChart chart = await HelmTool.Require(version).RenderSetAsync(
            Relay,
            $"{prefix}cloudCIDR={{10.244.1.0/24,10.244.1.0/24}},{prefix}edgeCIDR={{10.244.5.0/24,10.244.6.0/24}}");
        Assert.Equal("""["10.244.1.0/24"]""", chart.Setting("cloudCIDR"));
        Assert.Equal("""["10.244.5.0/24","10.244.6.0/24"]""", chart.Setting("edgeCIDR"));
        Assert.Equal(RelaySetting, chart.Setting("relayNodes"));
        Assert.Equal("edgemesh-agent", chart.Agent.Name());
        Assert.Equal("kubeedge", chart.Agent.Namespace());
        Assert.Equal(2, chart.Controller.Spec.Replicas);
    }

    [Theory]
    [InlineData("relayNodes")]
    [InlineData("agent.modules.edgeTunnel.relayNodes")]
    public async Task Relay_nodes_are_known_by_their_other_names(string key)
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(
            $"{key}[0].nodeName=k8s-master,{key}[0].advertiseAddress={{1.1.1.1}}", "agent.edgeCIDR={10.244.5.0/24}");
        Assert.Equal(RelaySetting, chart.Setting("relayNodes"));
    }

    [Theory]
    [InlineData("agent.edgeCIDR=10.244.5.0/24", """["10.244.5.0/24"]""")]
    [InlineData("agent.edgeCIDR=10.244.5.0/24\\,10.244.6.0/24", """["10.244.5.0/24","10.244.6.0/24"]""")]
    [InlineData("agent.edgeCIDR=\\{10.244.5.0/24\\, 10.244.6.0/24\\}", """["10.244.5.0/24","10.244.6.0/24"]""")]
    [InlineData("agent.edgeCIDR={FD00:5:0:0::/64}", """["fd00:5::/64"]""")]
    public async Task A_list_may_be_one_text_and_any_spelling(string set, string edge)
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(set);
        Assert.Equal(edge, chart.Setting("edgeCIDR"));
        Assert.Equal("[]", chart.Setting("cloudCIDR"));
        Assert.Equal("[]", chart.Setting("relayNodes"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Addresses_stay_as_they_are_written(string version)
    {
        RenderedChart chart = await HelmTool.Require(version).RenderSetAsync(
            "agent.edgeCIDR={10.244.5.0/24}", "agent.relayNodes[0].nodeName=a",
            "agent.relayNodes[0].advertiseAddress={relay.example.com,fd00::1,[fd00::2]:443,1.2.3.4:443,"
                + "/dns4/relay.example.com/tcp/443}");
        Assert.Contains(
            """["relay.example.com","fd00::1","[fd00::2]:443","1.2.3.4:443","/dns4/relay.example.com/tcp/443"]""",
            chart.Setting("relayNodes"), System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_names_of_one_setting_may_agree()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(
            "agent.edgeCIDR={10.244.5.0/24}", "agent.meshCIDRConfig.edgeCIDR=10.244.5.0/24");
        Assert.Equal("""["10.244.5.0/24"]""", chart.Setting("edgeCIDR"));
    }

    [Fact]
    public async Task Notes_tell_the_next_command_what_is_not_reached_and_what_had_no_effect()
    {
        HelmRun run = await HelmTool.Require("helm4").RunAsync(
            "install", "edgemesh", HelmTool.Chart, "--namespace", "kubeedge", "--dry-run=client",
            "-f", HelmTool.Use("upstream-full-values.yaml"),
            "--set", "agent.meshCIDRConfig.cloudCIDR={10.244.1.0/24,10.244.1.0/24}",
            "--set", "agent.meshCIDRConfig.edgeCIDR={10.244.5.0/24,10.244.6.0/24,fd00:6::/64}");
        Assert.True(run.ExitCode == 0, run.Errors);
        string notes = run.Output[run.Output.IndexOf("\nNOTES:", System.StringComparison.Ordinal)..];
        string[] expected =
        [
            "kubectl --namespace kubeedge exec daemonset/edgemesh-agent -- edgemesh status",
            "k8s-master: 1.1.1.1, relay.example.com",
            "10.244.5.0/24 - 10.244.6.0/24",
            "10.244.1.0/24 stands there more than once",
            "agent.modules.edgeDNS: ", "agent.modules.edgeProxy: ", "agent.kubeAPIConfig.qps: ",
        ];
        Assert.All(expected, text => Assert.Contains(text, notes, System.StringComparison.Ordinal));
        string[] unexpected = ["10.244.5.0/24 - fd00:6::/64", "tunnelLimitConfig", "edgeTunnel.transport"];
        Assert.All(unexpected, text => Assert.DoesNotContain(text, notes, System.StringComparison.Ordinal));
        Assert.DoesNotContain("map[", notes, System.StringComparison.Ordinal);
    }

    [Fact]
    public async Task Notes_say_that_nothing_is_installed_if_so()
    {
        HelmRun run = await HelmTool.Require("helm4").RunAsync(
            "install", "edgemesh", HelmTool.Chart, "--namespace", "kubeedge", "--dry-run=client");
        Assert.True(run.ExitCode == 0, run.Errors);
        Assert.Contains("nothing on any node changes", run.Output, System.StringComparison.Ordinal);
    }
}

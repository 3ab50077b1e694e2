using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The user's guide's commands, with either helm.</summary>
[Collection(ClusterCollection.Name)]
public sealed class InstallTests(ClusterFixture fixture)
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_guides_command_brings_up_controllers_and_an_agent_on_each_node(int version)
    {
        await fixture.RequireUninstalledAsync();

        CommandResult answer = await fixture.Helm.ShellAsync(version, HelmRelease.GuidesCommand);

        Assert.True(answer.IsSuccess, answer.ErrorOutput + answer.Output);
        ClusterFixture.Tell(answer.Output);
        await fixture.Agents.RolledOutAsync("daemonset/edgemesh-agent");
        await fixture.Agents.RolledOutAsync("deployment/edgemesh-controller");
        Assert.Equal(3, await CountAsync(ClusterAgents.AgentSelector));
        Assert.Equal(2, await CountAsync(ClusterAgents.ControllerSelector));
        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertReachedAsync(isIpv6: false);
    }

    [Fact]
    public async Task The_commands_of_a_container_need_no_options()
    {
        await fixture.RequireInstalledAsync();
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            string pod = (await fixture.Agents.PodAsync(node)).Child("metadata").Text("name");
            CommandResult status = await fixture.Cluster.KubectlAsync(
                "-n", HelmRelease.Namespace, "exec", pod, "--", "edgemesh", "status");
            Assert.True(status.IsSuccess, node.Name + ": " + status.ErrorOutput);
            Assert.Contains("kubernetes", status.Output, StringComparison.Ordinal);
            ClusterFixture.Tell(node.Name + "\n" + status.Output);
        }
    }

    [Fact]
    public async Task Helm_4_installs_upgrades_and_rolls_back()
    {
        await fixture.RequireUninstalledAsync();
        (await fixture.Helm.ShellAsync(4, HelmRelease.GuidesCommand)).OrThrow();
        await fixture.Helm.UpgradeAsync(4, HelmRelease.BothFamilies);
        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertReachedAsync(isIpv6: true);

        (await fixture.Helm.RunAsync(4, "rollback", ["1", "--wait", "--timeout", "180s"])).OrThrow();

        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertReachedAsync(isIpv6: false);
        (await fixture.Helm.RunAsync(3, "rollback", ["2", "--wait", "--timeout", "180s"])).OrThrow();
        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertReachedAsync(isIpv6: true);
    }

    [Fact]
    public async Task Without_prefixes_nothing_on_any_node_changes()
    {
        await fixture.RequireUninstalledAsync();
        var before = new Dictionary<string, string>();
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            before[node.Name] = await NodeDump.SettledAsync(node);
        }

        (await fixture.Helm.RunAsync(3, "install", [HelmRelease.Chart, "--wait", "--timeout", "180s"])).OrThrow();

        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            string after = await NodeDump.SettledAsync(node);
            Assert.True(before[node.Name] == after, node.Name + ":\n" + NodeDump.Difference(before[node.Name], after));
        }

        (await fixture.Helm.UninstallAsync(3)).OrThrow();
    }

    [Fact]
    public async Task The_charts_own_test_passes()
    {
        await fixture.RequireInstalledAsync();
        CommandResult answer = await fixture.Helm.RunAsync(3, "test", ["--timeout", "180s"]);
        Assert.True(answer.IsSuccess, answer.Output + answer.ErrorOutput);
    }

    // Those of the release before may still be ending.
    private async Task<int> CountAsync(string selector) => (await fixture.Agents.PodsAsync(selector))
        .Count(pod => !pod.Child("metadata").Has("deletionTimestamp"));

    private async Task AssertReachedAsync(bool isIpv6)
    {
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ReachReport report = await reach.ProbeAsync(isIpv6, TimeSpan.FromSeconds(60));
        Assert.True(report.IsWhole, report.ToString());
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>TCP connections between pods outlive an upgrade of the release, which replaces every agent.</summary>
[Collection(ClusterCollection.Name)]
public sealed class UpgradeTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Tcp_flows_survive_an_upgrade_that_replaces_every_agent()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        string[] before = [.. (await fixture.Agents.PodsAsync(ClusterAgents.AgentSelector)).Select(NameOf)];
        await using PodFlow first = await PodFlow.StartAsync(pods.On("edge-a"), pods.On("k8s-master"));
        await using PodFlow second = await PodFlow.StartAsync(pods.On("k8s-master"), pods.On("edge-b"), isIpv6: true);

        await fixture.Helm.UpgradeAsync(3, "--reuse-values", "--set", "agent.podAnnotations.lab=upgraded");
        await fixture.Agents.RolledOutAsync("daemonset/edgemesh-agent");

        Assert.Empty((await fixture.Agents.PodsAsync(ClusterAgents.AgentSelector)).Select(NameOf).Intersect(before));
        foreach (PodFlow flow in (PodFlow[])[first, second])
        {
            long echoed = await flow.FinishAsync(TimeSpan.FromSeconds(120));
            Assert.True(echoed > 0);
            ClusterFixture.Tell($"{echoed} messages, stood still for at most {flow.LongestGap.TotalSeconds:0.0} s");
        }
    }

    private static string NameOf(Lab.Mesh.CliView pod) => pod.Child("metadata").Text("name");
}

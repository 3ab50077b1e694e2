using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>Without an API server all goes on, also across restarts; with it again all converges, and no flow is
/// lost.</summary>
[Collection(ClusterCollection.Name)]
public sealed class OfflineTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    [Fact]
    public async Task Without_api_server_traffic_restarts_and_an_agents_death_work_and_no_flow_is_lost()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(2, 2, 2);
        await using PodReach reach = ClusterFixture.Sockets(pods);
        await using PodFlow flow = await PodFlow.StartAsync(pods.On("edge-a"), pods.On("k8s-master"));
        await using PodFlow between = await PodFlow.StartAsync(pods.On("edge-b"), pods.On("edge-a"));

        // Who is new must have become known before there is nobody to learn it from.
        await AssertReachedAsync(reach, "before");
        await fixture.Cluster.Control.StopApiAsync();
        try
        {
            await AssertReachedAsync(reach, "API server stopped");
            await KillAsync(fixture.Cluster.Node("edge-a"), "edgemesh-dataplane");
            await AssertReachedAsync(reach, "data plane of edge-a killed");
            await KillAsync(fixture.Cluster.Node("edge-b"), "edgemesh-control");
            await AssertReachedAsync(reach, "control process of edge-b killed");
            await RebootAgentAsync(fixture.Cluster.Node("k8s-master"));
            await AssertReachedAsync(reach, "agent of the cloud's node and all that it set gone");
            Assert.All(pods, pod => Assert.NotEmpty(pod.Node.PodProcesses(pod.Uid)));
        }
        finally
        {
            await fixture.Cluster.Control.StartApiAsync();
        }

        await fixture.Cluster.WaitUntilReadyAsync(fixture.Cluster.Nodes);
        IReadOnlyList<PodPlace> later = await fixture.Pods.ScaleAsync(3, 3, 3);
        Assert.All(pods, pod => Assert.Contains(later, place => place.Uid == pod.Uid));
        await using (PodReach all = new(PodReach.NextPort()))
        {
            foreach (PodPlace pod in later)
            {
                all.Add(pod);
            }

            await AssertReachedAsync(all, "API server back, new pods");
        }

        foreach (PodFlow survivor in (PodFlow[])[flow, between])
        {
            long echoed = await survivor.FinishAsync(TimeSpan.FromSeconds(120));
            ClusterFixture.Tell($"{echoed} messages, stood still for at most {survivor.LongestGap.TotalSeconds:0.0} s");
        }
    }

    [Fact]
    public async Task A_node_without_link_to_the_cloud_keeps_its_pods_and_comes_back()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 2, 1);
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ClusterNode node = fixture.Cluster.Node("edge-a");
        await AssertReachedAsync(reach, "before");
        await fixture.Cluster.Network.PlugAsync(node.Plan, isPlugged: false);
        try
        {
            await KillAsync(node, "edgemesh-dataplane");
            await KillAsync(node, "edgemesh-control");
            ReachReport within = await reach.ProbeAsync(
                isIpv6: false, Patience, (from, to) => from.Node == node && to.Node == node);
            Assert.True(within.IsWhole, within.ToString());
        }
        finally
        {
            await fixture.Cluster.Network.PlugAsync(node.Plan, isPlugged: true);
        }

        await AssertReachedAsync(reach, "plugged in again");
    }

    private static async Task AssertReachedAsync(PodReach reach, string what)
    {
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            ReachReport report = await reach.ProbeAsync(isIpv6, Patience);
            ClusterFixture.Tell(what + ": " + report);
            Assert.True(report.IsWhole, what + ": " + report);
        }
    }

    private static async Task KillAsync(ClusterNode node, string program)
    {
        IReadOnlyList<int> processes = ClusterAgents.Processes(node, program);
        Assert.NotEmpty(processes);
        (await Command.RunAsync(["kill", "-KILL", .. processes.Select(process => $"{process}")])).OrThrow();
    }

    // As after a loss of power, seen from the agent: all its processes are gone at once, with the sandbox, and nothing
    // of what they set in the kernel is left. The kubelet, which knows its pods, starts the agent's again.
    private async Task RebootAgentAsync(ClusterNode node)
    {
        // The API is away, so the agent's pod is found by its processes.
        int[] processes =
        [
            .. ClusterAgents.Processes(node, "edgemesh-dataplane"),
        ];
        Assert.NotEmpty(processes);
        string pod = ClusterAgents.PodUidOf(processes[0]);
        (await Command.RunAsync(["kill", "-KILL", .. node.PodProcesses(pod).Select(process => $"{process}")]))
            .OrThrow();
        await node.ShellAsync(
            "for table in $(nft list tables | sed -n 's/^table //p' | grep edgemesh | tr ' ' ,); do " +
            "nft delete table $(echo $table | tr , ' '); done; " +
            "for link in $(ip -o link show type tun | cut -d: -f2); do ip link del $link; done; true");
        bool isBack = await Eventually.IsTrueAsync(
            () => Task.FromResult(
                ClusterAgents.Processes(node, "edgemesh-dataplane").Count > 0 &&
                ClusterAgents.Processes(node, "edgemesh-control").Count > 0),
            TimeSpan.FromMinutes(3));
        Assert.True(isBack, $"no agent runs on {node.Name} again; its kubelet's log: {fixture.Cluster.LogDirectory}");
    }
}

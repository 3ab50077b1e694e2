using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>Pods reach each other by pod address across sites, whatever happens to pods and nodes.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ReachTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Fifty_pods_reach_each_other_in_both_families_with_their_own_addresses()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 1);
        var clock = Stopwatch.StartNew();

        await using var watch = await ReachWatch.StartAsync(fixture);
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(16, 17, 17);
        ClusterFixture.Tell($"50 pods run after {clock.Elapsed.TotalSeconds:0} s; from Running to reached both ways:");
        foreach (IGrouping<string, (string Node, TimeSpan Delay)> group in
            (await watch.StopAsync()).GroupBy(measured => measured.Node))
        {
            TimeSpan[] delays = [.. group.Select(measured => measured.Delay).Order()];
            ClusterFixture.Tell(
                $"{group.Key}: median {delays[delays.Length / 2].TotalMilliseconds:0} ms, " +
                $"last {delays[^1].TotalMilliseconds:0} ms, " +
                $"{delays.Count(delay => delay < TimeSpan.FromSeconds(2))} of {delays.Length} within 2 s");
        }

        await using PodReach reach = ClusterFixture.Sockets(pods);
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            ReachReport report = await reach.ProbeAsync(isIpv6, Patience);
            ClusterFixture.Tell((isIpv6 ? "IPv6: " : "IPv4: ") + report);
            Assert.Equal(50 * 49, report.Pairs);
            Assert.True(report.IsWhole, report.ToString());
        }
    }

    [Fact]
    public async Task Packets_within_a_site_never_enter_the_tun()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(2, 2, 2);
        await using PodReach reach = ClusterFixture.Sockets(pods);
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            foreach (bool isIpv6 in (bool[])[false, true])
            {
                long before = await TunPacketsAsync(node);
                for (int i = 0; i < 20; i++)
                {
                    ReachReport report = await reach.ProbeAsync(
                        isIpv6, Patience, (from, to) => from.Node == node && to.Node == node);
                    Assert.Equal(2, report.Pairs);
                    Assert.True(report.IsWhole, report.ToString());
                }

                Assert.Equal(before, await TunPacketsAsync(node));
                ReachReport across = await reach.ProbeAsync(
                    isIpv6, Patience, (from, to) => from.Node == node && to.Node != node);
                Assert.True(across.IsWhole, across.ToString());
                Assert.NotEqual(before, await TunPacketsAsync(node));
            }
        }
    }

    [Fact]
    public async Task Deleted_scaled_and_rescheduled_pods_successors_are_reached()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(2, 2, 2);
        (await fixture.Cluster.KubectlAsync("delete", "pods", "-l", "lab=pods", "--wait=false")).OrThrow();
        await AssertAllReachedAsync(await fixture.Pods.SettledAsync());
        await AssertAllReachedAsync(await fixture.Pods.ScaleAsync(5, 0, 3));
        await AssertAllReachedAsync(await fixture.Pods.ScaleAsync(1, 3, 1));
    }

    [Fact]
    public async Task Pods_of_a_drained_node_are_reached_where_they_are_then()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 0);
        await fixture.Pods.ScaleAnywhereAsync(6);
        try
        {
            (await fixture.Cluster.KubectlAsync(
                ["drain", "edge-b", "--ignore-daemonsets", "--force", "--delete-emptydir-data", "--timeout=90s"],
                null,
                TimeSpan.FromSeconds(100))).OrThrow();
            IReadOnlyList<PodPlace> pods = await fixture.Pods.SettledAsync();
            Assert.Equal(8, pods.Count);
            Assert.DoesNotContain(pods, pod => pod.Node.Name == "edge-b");
            await AssertAllReachedAsync(pods);
        }
        finally
        {
            (await fixture.Cluster.KubectlAsync("uncordon", "edge-b")).OrThrow();
            await fixture.Pods.ScaleAnywhereAsync(0);
        }

        await AssertAllReachedAsync(await fixture.Pods.ScaleAsync(1, 1, 1));
    }

    [Fact]
    public async Task A_node_that_lost_power_is_reached_again()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 2);
        ClusterNode node = fixture.Cluster.Node("edge-b");

        await node.RebootAsync();

        await fixture.Cluster.WaitUntilReadyAsync([node]);
        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertAllReachedAsync(await fixture.Pods.SettledAsync());
    }

    [Fact]
    public async Task Edge_sites_that_cant_dial_each_other_are_named_and_reach_the_cloud()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        await fixture.Cluster.Network.CloseEdgeLinkAsync();
        try
        {
            await AssertStatusAsync("edge-a", NamesBoth);
            await AssertStatusAsync("edge-b", NamesBoth);
            await using PodReach reach = ClusterFixture.Sockets(pods);
            ReachReport report = await reach.ProbeAsync(
                isIpv6: false, Patience, (from, to) => from.Node.Name == "k8s-master" || to.Node.Name == "k8s-master");
            Assert.True(report.IsWhole, report.ToString());
        }
        finally
        {
            await fixture.Cluster.Network.OpenEdgeLinkAsync();
        }

        await fixture.Agents.WaitUntilMeshedAsync();
        await AssertAllReachedAsync(pods);
    }

    private static bool NamesBoth(string text) =>
        text.Contains("10.244.5.0/24", StringComparison.Ordinal) &&
        text.Contains("10.244.6.0/24", StringComparison.Ordinal);

    // What status says about sites that can't reach each other, in one text.
    private async Task AssertStatusAsync(string role, Func<string, bool> isRight)
    {
        string last = "";
        bool isSeen = await Eventually.IsTrueAsync(
            async () =>
            {
                CliView? status = await fixture.Agents.StatusAsync(fixture.Cluster.Node(role));
                last = status is null ? "no answer" : status.Raw;
                return status is not null &&
                    isRight(string.Join(' ', ClusterAgents.Report(status).Texts("unreachable")));
            },
            TimeSpan.FromMinutes(3));
        Assert.True(isSeen, last);
    }

    private static async Task AssertAllReachedAsync(IReadOnlyList<PodPlace> pods)
    {
        await using PodReach reach = ClusterFixture.Sockets(pods);
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            ReachReport report = await reach.ProbeAsync(isIpv6, Patience);
            ClusterFixture.Tell(report.ToString());
            Assert.True(report.IsWhole, report.ToString());
        }
    }

    private static async Task<long> TunPacketsAsync(ClusterNode node)
    {
        // One link of ours, whatever it is called: the only TUN of the node.
        string text = await node.ShellAsync("ip -s -j link show type tun");
        return CliView.Parse(text).Items("").Sum(link =>
            link.Child("stats64").Child("rx").Count("packets") + link.Child("stats64").Child("tx").Count("packets"));
    }
}

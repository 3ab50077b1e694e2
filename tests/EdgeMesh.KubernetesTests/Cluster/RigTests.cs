using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Networks;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The cluster itself, without the product: what the other tests rest on.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RigTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Without_the_product_pods_reach_each_other_within_their_site_only()
    {
        await fixture.RequireUninstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(2, 2, 2);
        await using PodReach reach = ClusterFixture.Sockets(pods);
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            ReachReport within = await reach.ProbeAsync(
                isIpv6, TimeSpan.FromSeconds(20), (from, to) => from.Node == to.Node);
            Assert.Equal(6, within.Pairs);
            Assert.True(within.IsWhole, within.ToString());
            ReachReport across = await reach.ProbeAsync(
                isIpv6, TimeSpan.FromSeconds(3), (from, to) => from.Node != to.Node);
            Assert.Equal(24, across.Pairs);
            Assert.Equal(24, across.Missing.Count);
        }
    }

    [Fact]
    public async Task A_rebooted_node_runs_its_pods_again()
    {
        await fixture.RequireUninstalledAsync();
        await fixture.Pods.ScaleAsync(1, 2, 1);
        ClusterNode node = fixture.Cluster.Node("edge-a");
        int before = node.FirstProcessId;

        await node.RebootAsync();

        Assert.NotEqual(before, node.FirstProcessId);
        await fixture.Cluster.WaitUntilReadyAsync([node]);
        IReadOnlyList<PodPlace> pods = await fixture.Pods.SettledAsync();
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ReachReport within = await reach.ProbeAsync(
            isIpv6: false, TimeSpan.FromSeconds(20), (from, to) => from.Node == node && to.Node == node);
        Assert.True(within.IsWhole, within.ToString());
    }

    [Fact]
    public async Task A_cluster_whose_owner_is_killed_leaves_nothing()
    {
        fixture.Require();
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "EdgeMesh.Lab"))
        {
            ArgumentList = { "cluster" },
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        using Process owner = Process.Start(start)!;
        string id = "";
        while (await owner.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("logs:", StringComparison.Ordinal))
            {
                id = line[(line.IndexOf("kubernetes-", StringComparison.Ordinal) + "kubernetes-".Length)..][..5];
                break;
            }
        }

        Assert.Equal(5, id.Length);
        Assert.NotEmpty(LeftOf(id));
        owner.Kill();
        bool isGone = await Eventually.IsTrueAsync(
            () => Task.FromResult(LeftOf(id).Length == 0), TimeSpan.FromSeconds(60));
        Assert.True(isGone, string.Join('\n', LeftOf(id)));
    }

    // Namespaces, control groups, directories and processes of a cluster.
    private static string[] LeftOf(string id)
    {
        var left = new List<string>();
        left.AddRange(Directory.GetFiles("/run/netns", "em" + id + "*"));
        left.AddRange(Directory.GetDirectories("/sys/fs/cgroup/pids", "edgemesh-lab-" + id + "*"));
        left.AddRange(Directory.GetDirectories(LabRegistry.Root, id + "*"));
        left.AddRange(Directory.GetDirectories("/proc").Where(directory =>
            int.TryParse(Path.GetFileName(directory), out _) &&
            Words(directory).Contains(id, StringComparison.Ordinal)));
        return [.. left];
    }

    private static string Words(string directory)
    {
        try
        {
            string words = File.ReadAllText(directory + "/cmdline");
            return words.Contains("/bin/sh", StringComparison.Ordinal) ? "" : words;
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}

using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>What an uninstall leaves.</summary>
[Collection(ClusterCollection.Name)]
public sealed class UninstallTests(ClusterFixture fixture)
{
    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Uninstalling_leaves_every_node_as_it_was_before_the_installation(int version)
    {
        await fixture.RequireUninstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 1); // the network plugins' bridges and rules stand before the first dump
        var before = new Dictionary<string, string>();
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            before[node.Name] = await NodeDump.SettledAsync(node);
        }

        (await fixture.Helm.ShellAsync(version, HelmRelease.GuidesCommand)).OrThrow();
        await fixture.Helm.UpgradeAsync(version, HelmRelease.BothFamilies);
        await fixture.Agents.WaitUntilMeshedAsync();
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            Assert.NotEqual(before[node.Name], await NodeDump.SettledAsync(node));
        }

        CommandResult answer = await fixture.Helm.UninstallAsync(version);

        Assert.True(answer.IsSuccess, answer.ErrorOutput + await fixture.Agents.DescribeAsync());
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            string after = await NodeDump.SettledAsync(node);
            Assert.True(before[node.Name] == after, node.Name + ":\n" + NodeDump.Difference(before[node.Name], after));
        }

        // Pods that are ending are there for a while.
        string left = "";
        bool isEmpty = await Eventually.IsTrueAsync(
            async () =>
            {
                CommandResult objects = await fixture.Cluster.KubectlAsync(
                    "-n", HelmRelease.Namespace, "get", "all,configmaps,roles,rolebindings,secrets,leases", "-l",
                    "app.kubernetes.io/part-of=edgemesh", "-o", "name");
                left = objects.OrThrow().Output;
                return left.Length == 0;
            },
            TimeSpan.FromSeconds(90));
        Assert.True(isEmpty, left);
    }
}

using System;
using System.Collections.Generic;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>What the product puts into a node's kernel, puts back, and takes out. Each test builds its own three sites.</summary>
public sealed class KernelStateTests
{
    private static readonly string[][] Dumps =
    [
        ["ip", "-d", "addr"],
        ["ip", "rule"],
        ["ip", "-6", "rule"],
        ["ip", "route", "show", "table", "all"],
        ["ip", "-6", "route", "show", "table", "all"],
        ["nft", "-s", "list", "ruleset"],
        ["sysctl", "-e", "net.ipv4.ip_forward", "net.ipv4.conf.all.rp_filter", "net.ipv6.conf.all.forwarding"],
    ];

    [Fact]
    public async Task Cleanup_leaves_the_node_as_it_was_before()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        LabNamespace node = lab.Node("edge-a").Network;
        (await node.RunAsync(
            "iptables", "-t", "nat", "-A", "POSTROUTING", "-s", "10.244.5.0/24", "-j", "MASQUERADE")).OrThrow();
        string before = await DumpAsync(node);
        await using (LabMesh mesh = await LabMesh.StartAsync(lab, new MeshOptions()))
        {
            await AssertReachableAsync(lab, TimeSpan.FromSeconds(2));
            Assert.NotEqual(before, await DumpAsync(node));
            await mesh.Node("edge-a").Control!.StopAsync();
            await mesh.Node("edge-a").Dataplane!.StopAsync();
            CommandResult cleanup = await mesh.Node("edge-a").CleanupAsync();
            Assert.True(cleanup.IsSuccess, cleanup.ErrorOutput);
            Assert.Equal(before, await DumpAsync(node));

            CommandResult again = await mesh.Node("edge-a").CleanupAsync();
            Assert.True(again.IsSuccess, again.ErrorOutput);
        }
    }

    [Fact]
    public async Task What_somebody_flushed_is_put_back()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        await using LabMesh mesh = await LabMesh.StartAsync(lab, new MeshOptions());
        await AssertReachableAsync(lab, TimeSpan.FromSeconds(2));
        LabNamespace node = lab.Node("edge-a").Network;
        string before = await DumpAsync(node);
        foreach (string[] flush in (string[][])
            [
                ["nft", "flush", "ruleset"],
                ["ip", "route", "flush", "dev", "edge_tun0"],
                ["ip", "-6", "route", "flush", "dev", "edge_tun0", "proto", "141"],
                ["ip", "link", "set", "edge_tun0", "down"],
            ])
        {
            (await node.RunAsync(flush)).OrThrow();
            await AssertReachableAsync(lab, TimeSpan.FromSeconds(10));
            string after = "";
            Assert.True(
                await Eventually.IsTrueAsync(
                    async () => (after = await DumpAsync(node)) == before, TimeSpan.FromSeconds(10)),
                $"after {string.Join(' ', flush)}:\n{after}\nbefore:\n{before}");
        }
    }

    [Fact]
    public async Task Mesh_without_networks_touches_nothing_on_the_node()
    {
        RequireLab();
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        LabNamespace node = lab.Node("edge-a").Network;
        await using LabMesh mesh = await LabMesh.PrepareAsync(lab, new MeshOptions());
        (mesh.Document with { CloudPrefixes = [], EdgePrefixes = [] }).Save(mesh.Node("edge-a").MeshPath);
        string before = await DumpAsync(node, ["ip", "route", "show", "table", "all"], ["nft", "list", "ruleset"]);
        mesh.Node("edge-a").StartDataplane();
        mesh.Node("edge-a").StartControl();
        Assert.True(await Eventually.IsTrueAsync(
            async () => (await mesh.Node("edge-a").RunCliAsync("status")).IsSuccess, TimeSpan.FromSeconds(5)));
        Assert.True(await Eventually.IsTrueAsync(
            async () => (await mesh.Node("edge-a").StatusAsync()).Count("generation") > 0, TimeSpan.FromSeconds(5)));
        Assert.Equal(
            before, await DumpAsync(node, ["ip", "route", "show", "table", "all"], ["nft", "list", "ruleset"]));
    }

    private static void RequireLab()
    {
        string? reason = LabSupport.WhyNot();
        Assert.SkipWhen(reason is not null, reason ?? "");
        Assert.SkipWhen(MeshFixture.IsPlain, "EDGEMESH_LAB_PLAIN=1: this test is about the product's processes");
    }

    private static Task<string> DumpAsync(LabNamespace node) => DumpAsync(node, Dumps);

    private static async Task<string> DumpAsync(LabNamespace node, params string[][] commands)
    {
        var texts = new List<string>();
        foreach (string[] command in commands)
        {
            texts.Add("# " + string.Join(' ', command) + "\n" + (await node.RunAsync(command)).OrThrow().Output);
        }

        return string.Join('\n', texts);
    }

    private static async Task AssertReachableAsync(LabNetwork lab, TimeSpan patience)
    {
        PingRun? run = null;
        Assert.True(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    run = await PingRun.RunAsync(
                        lab.Pod("edge-a-pod1").Network, lab.Pod("cloud-1-pod1").Plan.Address4, 1, TimeSpan.FromSeconds(1));
                    return run.IsWhole;
                },
                patience),
            run?.Output);
    }
}

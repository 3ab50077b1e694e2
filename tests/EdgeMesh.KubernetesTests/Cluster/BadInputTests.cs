using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using k8s;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>Malformed objects and wrong values: a sentence says what is wrong, and what was good stays.</summary>
[Collection(ClusterCollection.Name)]
public sealed class BadInputTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>What somebody might write into a publication: name of the case, content.</summary>
    public static TheoryData<string> Publications =>
    [
        "no JSON", "an array", "wrong types", "unknown schema", "no peer id", "an unknown node", "huge",
    ];

    [Theory]
    [MemberData(nameof(Publications))]
    public async Task A_malformed_publication_is_refused_with_an_event_and_changes_nothing(string what)
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        string before = await PeersAsync();
        IReadOnlyList<string> earlier = await MeshObjects.EventsAsync(fixture);
        string name = "edgemesh-node-" + Guid.NewGuid().ToString("n")[..16] + "-0123456789abcdef";
        await CreateAsync(name, "node", new Dictionary<string, string> { ["node.json"] = PublicationOf(what) });
        try
        {
            string[] events = [];
            string logs = "";
            bool isTold = await Eventually.IsTrueAsync(
                async () =>
                {
                    events = [.. (await MeshObjects.EventsAsync(fixture)).Except(earlier)];
                    logs = (await fixture.Cluster.KubectlAsync(
                        "-n", HelmRelease.Namespace, "logs", "-l", ClusterAgents.ControllerSelector,
                        "--tail=200")).Output;
                    return events.Any(text => text.StartsWith("InvalidPublication", StringComparison.Ordinal)) ||
                        logs.Contains(name, StringComparison.Ordinal);
                },
                Patience);
            Assert.True(isTold, $"nobody says that {name} ({what}) is wrong: {string.Join('\n', events)}\n{logs}");
            Assert.Equal(before, await PeersAsync());
            await AssertReachedAsync(pods);
        }
        finally
        {
            await fixture.Cluster.KubectlAsync(
                "-n", HelmRelease.Namespace, "delete", "configmap", name, "--ignore-not-found");
        }
    }

    /// <summary>What somebody might do to the shards.</summary>
    public static TheoryData<string> Shards =>
        ["truncated", "another hash", "another cluster", "unknown schema", "no JSON", "no index", "no shard"];

    [Theory]
    [MemberData(nameof(Shards))]
    public async Task Shards_that_do_not_fit_are_refused_by_every_node_and_the_last_good_mesh_stays(string what)
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        // With no controller, as it would put things right at once.
        await ScaleControllersAsync(0);
        try
        {
            await SpoilAsync(what);
            // What is gone changes nothing for a node that has read it: it has no reason to complain.
            foreach (ClusterNode node in what.StartsWith("no ", StringComparison.Ordinal) && what != "no JSON"
                ? [] : fixture.Cluster.Nodes)
            {
                CliView? status = null;
                bool isTold = await Eventually.IsTrueAsync(
                    async () => (status = await fixture.Agents.StatusAsync(node)) is not null &&
                        ClusterAgents.Report(status).Texts("problems").Count > 0,
                    Patience);
                Assert.True(isTold, $"{node.Name} has no problem with what is {what}: {status?.Raw}");
                ClusterFixture.Tell($"{what}: {node.Name}: {ClusterAgents.Report(status!).Texts("problems")[0]}");
            }

            await AssertReachedAsync(pods);
            if (what == "truncated")
            {
                await RestartDataplaneAsync(fixture.Cluster.Node("edge-a"));
                await AssertReachedAsync(pods);
            }
        }
        finally
        {
            await ScaleControllersAsync(2);
        }

        await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 2, 2));
        bool isClean = await Eventually.IsTrueAsync(
            async () =>
            {
                foreach (ClusterNode node in fixture.Cluster.Nodes)
                {
                    CliView? status = await fixture.Agents.StatusAsync(node);
                    if (status is null || ClusterAgents.Report(status).Texts("problems").Count > 0)
                    {
                        return false;
                    }
                }

                return true;
            },
            Patience);
        Assert.True(isClean, await fixture.Agents.DescribeAsync());
    }

    [Theory]
    [InlineData("agent.cloudCIDR={10.244.1.7/24}", "10.244.1.7/24")]
    [InlineData("agent.cloudCIDR={10.244.5.0/24}", "10.244.5.0/24")]
    [InlineData("agent.edgeCIDR={cloud}", "cloud")]
    [InlineData("agent.relayNodes[0].advertiseAddress={2.2.2.2}", "nodeName")]
    [InlineData("agent.noSuchKey=1", "noSuchKey")]
    [InlineData("controller.replicas=many", "replicas")]
    public async Task A_wrong_value_is_refused_by_helm_with_a_sentence(string value, string named)
    {
        await fixture.RequireInstalledAsync();
        CommandResult answer = await fixture.Helm.RunAsync(
            3, "upgrade", [HelmRelease.Chart, "--reuse-values", "--set", value]);
        Assert.False(answer.IsSuccess, value + " was accepted");
        Assert.Contains(named, answer.ErrorOutput, StringComparison.Ordinal);
        ClusterFixture.Tell(answer.ErrorOutput);
    }

    private static string PublicationOf(string what) => what switch
    {
        "no JSON" => "{\"schema\":1,",
        "an array" => "[1,2,3]",
        "wrong types" => "{\"schema\":\"one\",\"node\":7,\"peerId\":[],\"addresses\":{},\"generation\":\"x\"}",
        "unknown schema" => "{\"schema\":99,\"node\":\"edge-a\",\"peerId\":\"x\",\"addresses\":[],\"generation\":1}",
        "no peer id" => "{\"schema\":1,\"node\":\"edge-a\",\"addresses\":[],\"version\":\"0\",\"generation\":1}",
        "an unknown node" =>
            "{\"schema\":1,\"node\":\"nowhere\",\"peerId\":\"12D3KooWDpJ7As7BWAwRMfu1VU2WCqNjvq387JEYKDBj4kx6nXTN\"," +
            "\"addresses\":[\"/ip4/10.9.9.9/tcp/20006\"],\"version\":\"0\",\"generation\":1}",
        _ => "{\"schema\":1,\"node\":\"edge-a\",\"problems\":[\"" + new string('x', 900_000) + "\"]}",
    };

    private async Task SpoilAsync(string what)
    {
        CoreIndex index = await CoreIndex.ReadAsync(fixture);
        switch (what)
        {
            case "truncated":
                await index.ChangeShardAsync(bytes => bytes[..(bytes.Length / 2)], isHashRight: true);
                break;
            case "another hash":
                await index.ChangeShardAsync(bytes => [.. bytes[..^1], (byte)(bytes[^1] ^ 1)], isHashRight: false);
                break;
            case "another cluster":
                await index.ChangeAsync(text => text.Replace(
                    index.Cluster, "00000000-0000-0000-0000-000000000000", StringComparison.Ordinal));
                break;
            case "unknown schema":
                await index.ChangeAsync(text => text.Replace(
                    "\"schema\":1", "\"schema\":99", StringComparison.Ordinal));
                break;
            case "no JSON":
                await index.ChangeAsync(text => text[..(text.Length / 2)]);
                break;
            case "no index":
                await index.DeleteAsync();
                break;
            default:
                await index.DeleteShardAsync();
                break;
        }
    }

    private async Task ScaleControllersAsync(int count)
    {
        (await fixture.Cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "scale", "deployment/edgemesh-controller", $"--replicas={count}")).OrThrow();
        await fixture.Agents.RolledOutAsync("deployment/edgemesh-controller");
        bool isDone = await Eventually.IsTrueAsync(
            async () => (await fixture.Agents.PodsAsync(ClusterAgents.ControllerSelector)).Count == count, Patience);
        Assert.True(isDone, await fixture.Agents.DescribeAsync());
    }

    private static async Task RestartDataplaneAsync(ClusterNode node) => (await Command.RunAsync(
        [
            "kill", "-KILL",
            .. ClusterAgents.Processes(node, "edgemesh-dataplane").Select(process => $"{process}"),
        ])).OrThrow();

    private async Task CreateAsync(string name, string kind, Dictionary<string, string> data) =>
        await fixture.Client.CoreV1.CreateNamespacedConfigMapAsync(
            new V1ConfigMap
            {
                Metadata = new V1ObjectMeta
                {
                    Name = name,
                    Labels = new Dictionary<string, string>
                    {
                        ["app.kubernetes.io/part-of"] = "edgemesh",
                        ["edgemesh.io/kind"] = kind,
                    },
                },
                Data = data,
            },
            HelmRelease.Namespace);

    // Who is known, as the nodes see it.
    private async Task<string> PeersAsync()
    {
        var text = new StringBuilder();
        foreach (ClusterNode node in fixture.Cluster.Nodes)
        {
            CliView status = (await fixture.Agents.StatusAsync(node))!;
            text.Append(status.Count("peers_known")).Append(' ').Append(status.Count("routes_ipv4")).Append('\n');
        }

        return text.ToString();
    }

    private static async Task AssertReachedAsync(IReadOnlyList<PodPlace> pods)
    {
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ReachReport report = await reach.ProbeAsync(isIpv6: false, Patience);
        Assert.True(report.IsWhole, report.ToString());
    }
}

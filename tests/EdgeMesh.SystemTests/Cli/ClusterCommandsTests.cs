using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Threading.Tasks;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Trust;
using EdgeMesh.Kubernetes.Objects;
using EdgeMesh.SystemTests.Kubernetes;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.SystemTests.Cli;

/// <summary><c>edgemesh trust</c> and <c>edgemesh doctor --cluster</c> over real connections.</summary>
public sealed class ClusterCommandsTests : IAsyncLifetime
{
    private const string Old = "12D3KooWBhvbVVvZnY8x4kfUpk7AEaYJfV6CSQnaFQcgjsLLDb9m";
    private const string New = "12D3KooWHrHFsfd2u7mNoVeXYUpvhFAyZ3Qf8zWJpQEUVyUqkA4Z";
    private const string Namespace = "kubeedge";

    private readonly ApiServerStandIn _server = new();
    private readonly TemporaryDirectory _directory = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_pending_key_is_approved_and_others_records_stay()
    {
        PutTrust(("edge-a", new TrustRecord(Old, New)), ("edge-b", new TrustRecord(null, Old)));
        (int code, string output, string errors) = await RunAsync("trust", "edge-a");
        Assert.Equal((0, ""), (code, errors));
        Assert.Equal($"edge-a: {New} is trusted now, in place of {Old}\n", output);
        Assert.Equal(new TrustRecord(New, null), Trusted("edge-a"));
        Assert.Equal(new TrustRecord(null, Old), Trusted("edge-b"));
    }

    [Fact]
    public async Task A_key_that_is_not_the_one_that_was_named_is_not_approved()
    {
        PutTrust(("edge-a", new TrustRecord(null, New)));
        (int code, _, string errors) = await RunAsync("trust", "edge-a", "--peer-id", Old);
        Assert.Equal(1, code);
        Assert.Contains(New, errors, StringComparison.Ordinal);
        Assert.Equal(new TrustRecord(null, New), Trusted("edge-a"));
    }

    [Fact]
    public async Task A_key_named_before_its_node_was_seen_makes_the_record()
    {
        (int code, _, _) = await RunAsync("trust", "edge-a", "--peer-id", New);
        Assert.Equal(0, code);
        Assert.Equal(new TrustRecord(New, null), Trusted("edge-a"));
        Assert.Equal(
            ClusterNames.TrustKind, Find("edge-a")!.Metadata.LabelOf(ClusterNames.KindLabel));
    }

    [Fact]
    public async Task A_write_in_between_is_read_again_and_kept()
    {
        PutTrust(("edge-a", new TrustRecord(null, New)));
        int patches = 0;
        _server.Api.Intercept = (method, _) =>
        {
            // Another node's record comes into the same ConfigMap just before ours is written.
            if (method == "PATCH" && patches++ == 0)
            {
                KubeConfigMap map = Find("edge-a")!;
                map.Data!["edge-z"] = new TrustRecord(Old, null).ToText();
                _server.Api.Put(KubeResources.ConfigMaps, map);
            }

            return null;
        };
        (int code, _, _) = await RunAsync("trust", "edge-a");
        Assert.Equal((0, 2), (code, patches));
        Assert.Equal(new TrustRecord(New, null), Trusted("edge-a"));
        Assert.Equal(new TrustRecord(Old, null), Read(Find("edge-a")!.Data!["edge-z"]));
    }

    [Fact]
    public async Task A_key_that_comes_in_between_is_not_approved_unseen()
    {
        PutTrust(("edge-a", new TrustRecord(null, Old)));
        _server.Api.Intercept = (method, _) =>
        {
            if (method == "PATCH" && Trusted("edge-a").Pending == Old)
            {
                PutTrust(("edge-a", new TrustRecord(null, New)));
            }

            return null;
        };
        (int code, _, string errors) = await RunAsync("trust", "edge-a");
        Assert.Equal(1, code);
        Assert.Contains("another key", errors, StringComparison.Ordinal);
        Assert.Equal(new TrustRecord(null, New), Trusted("edge-a"));
    }

    [Fact]
    public async Task The_list_shows_what_is_trusted_and_what_waits()
    {
        PutTrust(("edge-a", new TrustRecord(Old, New)));
        (int code, string output, _) = await RunAsync("trust", "--list", "-o", "json");
        Assert.Equal(0, code);
        JsonElement node = Assert.Single(
            JsonDocument.Parse(output).RootElement.GetProperty("nodes").EnumerateArray().ToArray());
        Assert.Equal(
            ("edge-a", Old, New),
            (node.GetProperty("node").GetString(), node.GetProperty("peerId").GetString(),
                node.GetProperty("pending").GetString()));
    }

    [Fact]
    public async Task What_may_not_be_done_says_who_may()
    {
        _server.Api.Intercept = (method, _) => method == "PATCH" || method == "GET"
            ? StandInAnswer.Status(403, "Forbidden", "User cannot")
            : null;
        (int code, _, string errors) = await RunAsync("trust", "edge-a");
        Assert.Equal(4, code);
        Assert.Contains("kubeconfig of somebody who may", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trust")]
    [InlineData("trust", "edge-a", "--list")]
    [InlineData("trust", "edge a")]
    [InlineData("trust", "edge-a", "--peer-id", "12D3")]
    [InlineData("doctor")]
    public async Task A_wrong_command_line_is_exit_code_2(params string[] words)
    {
        (int code, string output, string errors) = await RunAsync(words);
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith("edgemesh: ", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("trust", "edge-a")]
    [InlineData("doctor", "--cluster")]
    public async Task A_server_that_is_not_there_is_exit_code_4(params string[] words)
    {
        (int code, _, string errors) = await RunAsync(new Uri("http://127.0.0.1:1"), words);
        Assert.Equal(4, code);
        Assert.StartsWith("edgemesh: ", errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_doctor_reads_only_and_tells_what_it_found()
    {
        _server.Api.Put(KubeResources.Nodes, new KubeNode { Metadata = { Name = "edge-a" } });
        PutTrust(("edge-a", new TrustRecord(null, New)));
        (int code, string output, string errors) = await RunAsync("doctor", "--cluster", "--output", "json");
        Assert.Equal((1, ""), (code, errors));
        Assert.Equal(
            ["key_pending", "no_controller", "no_mesh"],
            JsonDocument.Parse(output).RootElement.GetProperty("findings").EnumerateArray()
                .Select(finding => finding.GetProperty("code").GetString()!).Order());
        Assert.All(_server.Api.Requests, request => Assert.StartsWith("GET ", request, StringComparison.Ordinal));
        (code, output, _) = await RunAsync("doctor", "--cluster");
        Assert.Equal(1, code);
        Assert.Contains("3 findings:", output, StringComparison.Ordinal);
    }

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] words) =>
        RunAsync(_server.Access.Server, words);

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(Uri server, string[] words)
    {
        string kubeconfig = _directory.File("kubeconfig");
        File.WriteAllText(kubeconfig, $$"""
            apiVersion: v1
            kind: Config
            clusters: [{name: c, cluster: {server: "{{server}}"} }]
            users: [{name: u, user: {token: t} }]
            contexts: [{name: x, context: {cluster: c, user: u, namespace: {{Namespace}} } }]
            current-context: x
            """);
        return FakeDataplane.RunBareAsync([.. words, "--kubeconfig", kubeconfig]);
    }

    private void PutTrust(params (string Node, TrustRecord Record)[] records)
    {
        foreach (IGrouping<string, (string Node, TrustRecord Record)> map in records.GroupBy(
            record => ClusterNames.TrustOf(record.Node)))
        {
            _server.Api.Put(KubeResources.ConfigMaps, new KubeConfigMap
            {
                Metadata =
                {
                    Name = map.Key,
                    Namespace = Namespace,
                    Labels = new Dictionary<string, string>(ClusterNames.LabelsOf(ClusterNames.TrustKind)),
                },
                Data = map.ToDictionary(record => record.Node, record => record.Record.ToText()),
            });
        }
    }

    private KubeConfigMap? Find(string node) =>
        _server.Api.Find(KubeResources.ConfigMaps, Namespace, ClusterNames.TrustOf(node));

    private TrustRecord Trusted(string node) => Read(Find(node)!.Data![node]);

    private static TrustRecord Read(string text) =>
        TrustRecord.TryParse(text, out TrustRecord? record, out string? problem)
            ? record : throw new FormatException(problem);
}

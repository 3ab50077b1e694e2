using System;
using System.Collections.Generic;
using System.IO;
using System.Net.Http;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.UnitTests.ControlChannel;
using EdgeMesh.UnitTests.Kubernetes.StandIns;
using Xunit;

namespace EdgeMesh.UnitTests.Kubernetes;

public sealed class KubeDetectorTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Dictionary<string, string> _variables = [];
    private readonly StandInApi _api = new(new ManualTime());
    private bool _isMetaServerUp;
    private bool _isApiUp = true;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task At_the_edge_metaServer_is_used_even_if_the_variables_are_set()
    {
        // Newer KubeEdge sets them, to an address that this node may not reach.
        BePod("10.96.0.1", "443");
        _isMetaServerUp = true;
        KubeDetection found = await DetectAsync();
        Assert.Equal(KubeAccessKind.MetaServer, found.Access!.Kind);
        Assert.Contains("metaServer answers", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MetaServer_that_waits_for_a_half_dead_link_is_still_metaServer()
    {
        BePod("10.96.0.1", "443");
        _isMetaServerUp = true;
        _api.Intercept = (_, _) => new StandInAnswer(200, [], Delay: TimeSpan.FromMinutes(10));
        KubeDetection found = await DetectAsync(new() { ProbeTimeLimit = TimeSpan.FromMilliseconds(1) });
        Assert.True(found.Access!.IsMetaServer);
        Assert.Contains("slow", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task In_the_cloud_the_service_account_is_used()
    {
        BePod("10.96.0.1", "443");
        KubeDetection found = await DetectAsync();
        Assert.Equal(KubeAccessKind.InCluster, found.Access!.Kind);
        Assert.Equal("https://10.96.0.1/", found.Access.Server.AbsoluteUri);
        Assert.Equal("edge", found.Access.Namespace);
        Assert.Contains("it answers", found.Reason, StringComparison.Ordinal);
        BePod("fd00::1", "6443");
        Assert.Equal("https://[fd00::1]:6443/", (await DetectAsync()).Access!.Server.AbsoluteUri);
    }

    [Theory]
    [InlineData("169.254.30.10", "10550")]
    [InlineData("127.0.0.1", "10550")]
    public async Task MetaServer_in_the_place_of_the_API_server_is_known_by_its_address(string host, string port)
    {
        BePod(host, port);
        KubeDetection found = await DetectAsync();
        Assert.True(found.Access!.IsMetaServer);
        Assert.NotNull(found.Access.TokenFile);
    }

    [Fact]
    public async Task An_edge_node_without_metaServer_says_what_to_enable()
    {
        BePod("10.96.0.1", "443");
        _isApiUp = false;
        KubeDetection found = await DetectAsync();
        Assert.Equal(KubeAccessKind.InCluster, found.Access!.Kind);
        Assert.Contains("modules.metaManager.metaServer", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pod_whose_API_does_not_answer_yet_is_still_a_pod()
    {
        BePod("10.96.0.1", "443");
        _isApiUp = false;
        KubeDetection found = await DetectAsync();
        Assert.Equal(KubeAccessKind.InCluster, found.Access!.Kind);
        Assert.Contains("refused", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_anything_it_says_what_was_tried()
    {
        KubeDetection found = await DetectAsync();
        Assert.Null(found.Access);
        Assert.Contains("metaServer at http://127.0.0.1:10550/: refused", found.Reason, StringComparison.Ordinal);
        Assert.Contains("KUBERNETES_SERVICE_HOST", found.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_workstation_uses_its_kubeconfig_only_if_that_is_allowed()
    {
        string file = _directory.File("config");
        await File.WriteAllTextAsync(file, """
            {"clusters":[{"name":"c","cluster":{"server":"https://h"}}],
            "contexts":[{"name":"x","context":{"cluster":"c"}}],"current-context":"x"}
            """);
        _variables["KUBECONFIG"] = $"/nowhere:{file}";
        Assert.Null((await DetectAsync()).Access);
        KubeDetection found = await DetectAsync(new() { UsesDefaultKubeconfig = true });
        Assert.Equal(KubeAccessKind.Kubeconfig, found.Access!.Kind);
        found = await DetectAsync(new() { Kubeconfig = file });
        Assert.Equal("https://h/", found.Access!.Server.AbsoluteUri);
        await Assert.ThrowsAsync<KubeAccessException>(() => DetectAsync(new() { Kubeconfig = "/nowhere" }));
    }

    [Fact]
    public async Task A_named_metaServer_is_taken_unseen()
    {
        KubeDetection found = await DetectAsync(new() { MetaServer = new Uri("http://127.0.0.1:1234") });
        Assert.True(found.Access!.IsMetaServer);
    }

    [Fact]
    public async Task A_pod_without_a_token_says_so()
    {
        _variables["KUBERNETES_SERVICE_HOST"] = "10.96.0.1";
        _variables["KUBERNETES_SERVICE_PORT"] = "443";
        Assert.Contains("automountServiceAccountToken", (await DetectAsync()).Reason, StringComparison.Ordinal);
        _variables["KUBERNETES_SERVICE_PORT"] = "tcp://10.96.0.1:443"; // what a Service named "kubernetes" sets
        Assert.Contains("are no address", (await DetectAsync()).Reason, StringComparison.Ordinal);
    }

    private void BePod(string host, string port)
    {
        _variables["KUBERNETES_SERVICE_HOST"] = host;
        _variables["KUBERNETES_SERVICE_PORT"] = port;
        File.WriteAllText(_directory.File("token"), "secret");
        File.WriteAllText(_directory.File("ca.crt"), KubeconfigTests.MakeCertificate().Certificate);
        File.WriteAllText(_directory.File("namespace"), "edge\n");
    }

    private Task<KubeDetection> DetectAsync(KubeDetectionOptions? options = null) => new KubeDetector(
        (options ?? new KubeDetectionOptions()) with { NodeName = "n" },
        new KubeEnvironment(name => _variables.GetValueOrDefault(name), _directory.Path),
        Connect).DetectAsync(CancellationToken.None);

    private StandInHandler Connect(KubeAccess access) => new StandInHandler(
        (method, target, body) => (access.IsMetaServer ? _isMetaServerUp : _isApiUp)
            ? _api.Handle(method, target, body)
            : throw new HttpRequestException("refused"),
        TimeProvider.System);
}

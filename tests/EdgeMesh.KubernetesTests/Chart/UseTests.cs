using System;
using System.Threading.Tasks;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>Each use that ci/ describes, with both helms.</summary>
public sealed class UseTests
{
    private static readonly string[] Monitors =
    [
        "--api-versions", "monitoring.coreos.com/v1/PodMonitor", "--api-versions",
        "monitoring.coreos.com/v1/ServiceMonitor",
    ];

    public static TheoryData<string> Versions => HelmTool.Versions;

    public static TheoryData<string, string> VersionsAndUses => HelmTool.VersionsAndUses;

    [Theory]
    [MemberData(nameof(VersionsAndUses))]
    public async Task Each_use_passes_the_linter(string version, string use)
    {
        HelmRun run = await HelmTool.Require(version).RunAsync(
            "lint", "--strict", HelmTool.Chart, "-f", HelmTool.Use(use));
        Assert.True(run.ExitCode == 0, run.Output + run.Errors);
    }

    [Theory]
    [MemberData(nameof(VersionsAndUses))]
    public async Task Each_use_gives_objects_whose_every_field_their_kind_has(string version, string use)
    {
        RenderedChart chart = await HelmTool.Require(version).RenderAsync(["-f", HelmTool.Use(use), .. Monitors]);
        if (use.StartsWith("off", StringComparison.Ordinal))
        {
            Assert.Empty(chart.Objects);
            return;
        }

        Assert.Equal("edgemesh-agent", chart.Agent.Name());
        Assert.NotEmpty(chart.Dataplane.Args);
    }

    [Theory]
    [MemberData(nameof(VersionsAndUses))]
    public async Task No_container_of_any_use_has_more_than_it_needs(string version, string use)
    {
        RenderedChart chart = await HelmTool.Require(version).RenderAsync("-f", HelmTool.Use(use));
        Assert.DoesNotContain("privileged", chart.Text, StringComparison.Ordinal);
        Assert.All(chart.Containers, container =>
        {
            V1SecurityContext context = container.SecurityContext;
            Assert.Equal(["ALL"], context.Capabilities.Drop);
            Assert.Equal(
                container.Name is "dataplane" or "control" ? ["NET_ADMIN"] : [], context.Capabilities.Add ?? []);
            Assert.Equal(true, context.ReadOnlyRootFilesystem);
            Assert.Equal(false, context.AllowPrivilegeEscalation);
            Assert.NotNull(context.SeccompProfile);
            Assert.Equal("FallbackToLogsOnError", container.TerminationMessagePolicy);
            bool isRoot = container.Name is "dataplane" or "control" or "prepare";
            Assert.Equal(isRoot ? 0 : 65532, context.RunAsUser);
        });
        Assert.All(chart.Pods, pod => Assert.Equal(false, pod.EnableServiceLinks));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Monitors_are_made_only_where_the_cluster_knows_them(string version)
    {
        HelmTool helm = HelmTool.Require(version);
        string use = HelmTool.Use("monitoring-values.yaml");
        Assert.Empty((await helm.RenderAsync("-f", use)).Foreign);
        RenderedChart chart = await helm.RenderAsync(["-f", use, .. Monitors]);
        Assert.Equal(2, chart.Foreign.Count);
        Assert.Contains("--metrics=0.0.0.0:9464", chart.Dataplane.Args);
        Assert.Equal("127.0.0.1", chart.Dataplane.LivenessProbe.HttpGet.Host);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Helm_test_connects_a_pod_in_the_cloud_to_one_at_the_edge(string version)
    {
        RenderedChart chart = await HelmTool.Require(version).RenderAsync("-f", HelmTool.Use("guide-values.yaml"));
        V1Deployment server = Assert.Single(chart.All<V1Deployment>(), one => one.Name() == "edgemesh-test-server");
        V1Job client = Assert.Single(chart.All<V1Job>(), one => one.Name() == "edgemesh-test");
        Assert.All([server.Metadata, client.Metadata], one => Assert.Equal("test", one.Annotations["helm.sh/hook"]));
        Assert.Equal("Exists", Place(server.Spec.Template.Spec));
        Assert.Equal("DoesNotExist", Place(client.Spec.Template.Spec));
        string selector = Assert.Single(Assert.Single(client.Spec.Template.Spec.Containers).Args,
            one => one.StartsWith("--selector=", StringComparison.Ordinal))["--selector=".Length..];
        Assert.All(selector.Split(','), label => Assert.Contains(
            server.Spec.Template.Metadata.Labels, one => label == $"{one.Key}={one.Value}"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Without_networks_there_is_nothing_at_all(string version)
    {
        HelmTool helm = HelmTool.Require(version);
        Assert.Empty((await helm.RenderAsync()).Objects);
        Assert.Empty((await helm.RenderSetAsync("agent.modules.edgeCNI.enable=true")).Objects);
        const string edge = "agent.edgeCIDR={10.244.5.0/24}";
        Assert.Empty((await helm.RenderSetAsync("agent.modules.edgeCNI.enable=false", edge)).Objects);
        Assert.NotEmpty((await helm.RenderSetAsync(edge)).Objects);
    }

    private static string Place(V1PodSpec pod) => Assert.Single(Assert.Single(
        pod.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms).MatchExpressions)
        .OperatorProperty;
}

using System;
using System.Linq;
using System.Text;
using System.Threading.Tasks;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>What each service account may, and the key of the private network.</summary>
public sealed class RightsTests
{
    private const string Edge = "agent.edgeCIDR={10.244.5.0/24}";

    private static readonly string[] ReadingVerbs = ["get", "list", "watch"];

    [Fact]
    public async Task Agents_read_config_maps_and_create_them_and_nothing_else()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge);
        V1Role role = chart.All<V1Role>().Single(one => one.Name() == "edgemesh-agent");
        Assert.Equal(["core configmaps * get,list,watch,create"], role.Rules.Select(RenderedChart.Describe));
        Assert.DoesNotContain(chart.All<V1ClusterRoleBinding>(), one => one.Name() != "edgemesh-controller");
        V1RoleBinding binding = chart.All<V1RoleBinding>().Single(one => one.Name() == "edgemesh-agent");
        Assert.Equal("ServiceAccount kubeedge edgemesh-agent", Describe(Assert.Single(binding.Subjects)));
        Assert.Equal("edgemesh-agent", chart.Agent.Spec.Template.Spec.ServiceAccountName);
    }

    [Fact]
    public async Task Cloudcore_may_for_edge_nodes_what_agents_may()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge);
        V1ClusterRole role = chart.All<V1ClusterRole>().Single(
            one => one.Labels().TryGetValue("rbac/aggregate-to-cloudcore", out string? value) && value == "true");
        V1Role agents = chart.All<V1Role>().Single(one => one.Name() == "edgemesh-agent");
        Assert.Equal(agents.Rules.Select(RenderedChart.Describe), role.Rules.Select(RenderedChart.Describe));
        Assert.DoesNotContain(chart.All<V1ClusterRoleBinding>(), one => one.RoleRef.Name == role.Name());
        chart = await HelmTool.Require("helm4").RenderAsync("-f", HelmTool.Use("kubeedge-values.yaml"));
        V1RoleBinding binding = chart.All<V1RoleBinding>().Single(one => one.Name() == "edgemesh-agent");
        Assert.Contains(binding.Subjects, subject => subject.Kind == "Group" && subject.Name == "system:nodes");
    }

    [Fact]
    public async Task The_controller_reads_the_cluster_and_writes_in_its_own_namespace()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge);
        V1ClusterRole role = chart.All<V1ClusterRole>().Single(one => one.Name() == "edgemesh-controller");
        Assert.All(role.Rules.SelectMany(rule => rule.Verbs), verb => Assert.Contains(verb, ReadingVerbs));
        Assert.DoesNotContain(
            chart.All<V1ClusterRole>(), one => one.Rules.Any(rule => rule.Resources.Contains("secrets")));
        Assert.Equal(
            [
                "default core events * create,patch",
                "kubeedge coordination.k8s.io leases * create",
                "kubeedge coordination.k8s.io leases [edgemesh-controller] get,update",
                "kubeedge core configmaps * get,list,watch,create,update,delete",
            ],
            chart.All<V1Role>().Where(one => one.Name() == "edgemesh-controller")
                .SelectMany(one => one.Rules.Select(rule => $"{one.Namespace()} {RenderedChart.Describe(rule)}"))
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task No_rule_of_any_use_has_a_wildcard()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge);
        V1PolicyRule[] rules =
        [
            .. chart.All<V1Role>().SelectMany(one => one.Rules),
            .. chart.All<V1ClusterRole>().SelectMany(one => one.Rules),
        ];
        Assert.NotEmpty(rules);
        Assert.All(rules, rule => Assert.DoesNotContain("*", rule.Verbs.Concat(rule.Resources).Concat(rule.ApiGroups)));
    }

    [Fact]
    public async Task The_uninstall_hook_runs_before_the_release_goes_with_an_account_of_its_own()
    {
        HelmTool helm = HelmTool.Require("helm4");
        RenderedChart chart = await helm.RenderSetAsync(Edge);
        V1Job job = chart.All<V1Job>().Single(one => one.Name() == "edgemesh-uninstall");
        Assert.Equal("pre-delete", job.Annotations()["helm.sh/hook"]);
        Assert.Equal("edgemesh-uninstall", job.Spec.Template.Spec.ServiceAccountName);
        Assert.Equal(
            ["uninstall", "--namespace=$(NAMESPACE)", "--daemonset=edgemesh-agent", "--timeout=120"],
            Assert.Single(job.Spec.Template.Spec.Containers).Args);
        Assert.All(
            chart.All<V1Role>().Where(one => one.Name() == "edgemesh-uninstall"),
            role => Assert.Equal("pre-delete", role.Annotations()["helm.sh/hook"]));
        Assert.Equal(
            [
                "apps daemonsets * get,create,delete",
                "coordination.k8s.io leases [edgemesh-controller] delete",
                "core configmaps * get,list,update,delete",
                "core pods * list",
            ],
            chart.All<V1Role>().Single(one => one.Name() == "edgemesh-uninstall").Rules
                .Select(RenderedChart.Describe).Order(StringComparer.Ordinal));
        chart = await helm.RenderSetAsync(Edge, "uninstall.enabled=false");
        Assert.DoesNotContain("edgemesh-uninstall", chart.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("helm3")]
    [InlineData("helm4")]
    public async Task A_key_is_made_at_random_if_none_is_given(string version)
    {
        HelmTool helm = HelmTool.Require(version);
        string first = Key(await helm.RenderSetAsync(Edge));
        string second = Key(await helm.RenderSetAsync(Edge));
        Assert.Equal(32, Convert.FromBase64String(first).Length);
        Assert.NotEqual(first, second);
    }

    [Fact]
    public async Task A_given_key_is_taken_and_a_secret_of_ones_own_too()
    {
        HelmTool helm = HelmTool.Require("helm4");
        Assert.Equal("0123456789abcdef", Key(await helm.RenderSetAsync(Edge, "agent.psk=0123456789abcdef")));
        RenderedChart chart = await helm.RenderSetAsync(Edge, "agent.pskSecret=mine");
        Assert.Empty(chart.All<V1Secret>());
        Assert.Equal(
            "mine",
            chart.Agent.Spec.Template.Spec.Volumes.Single(one => one.Name == "private-key").Secret.SecretName);
        chart = await helm.RenderSetAsync(Edge, "agent.modules.edgeTunnel.psk.enable=false");
        Assert.Empty(chart.All<V1Secret>());
        Assert.DoesNotContain(chart.Agent.Spec.Template.Spec.Volumes, one => one.Name == "private-key");
    }

    private static string Describe(Rbacv1Subject subject) =>
        $"{subject.Kind} {subject.NamespaceProperty} {subject.Name}";

    private static string Key(RenderedChart chart)
    {
        V1Secret secret = Assert.Single(chart.All<V1Secret>());
        Assert.Equal("edgemesh-agent-psk", secret.Name());
        return Encoding.UTF8.GetString(secret.Data["psk"]);
    }
}

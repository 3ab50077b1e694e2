using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Chart;

/// <summary>The agents' pods: what they may, what they see of the node, and what their processes are told.</summary>
public sealed class AgentTests
{
    private const string Edge = "agent.edgeCIDR={10.244.5.0/24}";

    public static TheoryData<string> Versions => HelmTool.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Selector_and_names_are_upstreams_so_that_an_upgrade_over_it_works(string version)
    {
        V1DaemonSet agent = (await HelmTool.Require(version).RenderSetAsync(Edge)).Agent;
        var upstream = new Dictionary<string, string> { ["k8s-app"] = "kubeedge", ["kubeedge"] = "edgemesh-agent" };
        Assert.Equal(upstream, agent.Spec.Selector.MatchLabels);
        Assert.All(upstream, label => Assert.Equal(label.Value, agent.Spec.Template.Metadata.Labels[label.Key]));
        Assert.DoesNotContain("app.kubernetes.io/version", agent.Spec.Template.Metadata.Labels.Keys);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_mesh_can_come_in_files_that_need_not_be_there_yet(string version)
    {
        V1DaemonSet agent = (await HelmTool.Require(version).RenderSetAsync(
            Edge, "agent.mountedShards.enable=true", "agent.mountedShards.count=2")).Agent;
        V1PodSpec pod = agent.Spec.Template.Spec;
        V1Container control = pod.Containers.Single(container => container.Name == "control");
        V1VolumeMount mount = control.VolumeMounts.Single(mount => mount.Name == "shards");
        Assert.Contains("--shards=" + mount.MountPath, control.Args);
        IList<V1VolumeProjection> sources = pod.Volumes.Single(volume => volume.Name == "shards").Projected.Sources;
        Assert.Equal(
            ["edgemesh-mesh", "edgemesh-mesh-a-0", "edgemesh-mesh-a-1", "edgemesh-mesh-b-0", "edgemesh-mesh-b-1"],
            sources.Select(source => source.ConfigMap.Name));
        Assert.All(sources, source => Assert.Equal(true, source.ConfigMap.Optional));
    }

    [Fact]
    public async Task An_agent_sees_of_its_node_what_it_needs()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge);
        V1PodSpec pod = chart.Agent.Spec.Template.Spec;
        Assert.Equal(true, pod.HostNetwork);
        Assert.NotEqual(true, pod.HostPID);
        Assert.Equal("system-node-critical", pod.PriorityClassName);
        Assert.Equal("Exists", Assert.Single(pod.Tolerations).OperatorProperty);
        Assert.Equal(
            [
                "/dev/net/tun CharDevice", "/proc/sys/net Directory", "/var/lib/edgemesh DirectoryOrCreate",
                "/var/lib/kubelet/seccomp DirectoryOrCreate",
            ],
            pod.Volumes.Where(one => one.HostPath is not null)
                .Select(one => $"{one.HostPath.Path} {one.HostPath.Type}").Order(System.StringComparer.Ordinal));
        Assert.DoesNotContain(chart.Control.VolumeMounts, mount => mount.MountPath == "/var/lib/edgemesh");
        Assert.Equal(
            ["/dev/net/tun", "/etc/edgemesh/psk", "/run/edgemesh", "/var/lib/edgemesh"],
            chart.Dataplane.VolumeMounts.Select(mount => mount.MountPath).Order(System.StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("dataplane", 9464)]
    [InlineData("control", 9465)]
    public async Task Probes_ask_the_process_itself_on_the_nodes_loopback(string name, int port)
    {
        RenderedChart chart = await HelmTool.Require("helm3").RenderSetAsync(Edge);
        V1Container container = chart.Agent.Spec.Template.Spec.Containers.Single(one => one.Name == name);
        V1Probe[] probes = [container.StartupProbe, container.LivenessProbe, container.ReadinessProbe];
        Assert.Equal(["/healthz", "/healthz", "/readyz"], probes.Select(probe => probe.HttpGet.Path));
        Assert.All(probes, probe => Assert.Equal("127.0.0.1", probe.HttpGet.Host));
        Assert.All(probes, probe => Assert.Equal(port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            probe.HttpGet.Port.Value));
    }

    [Fact]
    public async Task The_controller_is_asked_at_its_own_address()
    {
        V1PodSpec pod = (await HelmTool.Require("helm3").RenderSetAsync(Edge)).Controller.Spec.Template.Spec;
        Assert.NotEqual(true, pod.HostNetwork);
        Assert.Null(Assert.Single(pod.Containers).LivenessProbe.HttpGet.Host);
        Assert.Contains("--health=0.0.0.0:9466", Assert.Single(pod.Containers).Args);
        V1NodeSelectorRequirement place = Assert.Single(Assert.Single(
            pod.Affinity.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution.NodeSelectorTerms)
            .MatchExpressions);
        Assert.Equal("node-role.kubernetes.io/edge DoesNotExist", $"{place.Key} {place.OperatorProperty}");
    }

    [Theory]
    [InlineData("256Mi", "8000000")]
    [InlineData("1Gi", "20000000")]
    [InlineData("0.5Gi", "10000000")]
    [InlineData("200M", "5f5e100")]
    [InlineData("134217728", "4000000")]
    public async Task Each_process_is_told_half_of_its_memory_in_the_runtimes_own_spelling(string limit, string hex)
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(
            Edge, $"agent.resources.limits.memory={limit}");
        Assert.Equal(hex, HeapLimit(chart.Dataplane));
        Assert.Equal("6000000", HeapLimit(chart.Control));
        Assert.Equal("10000000", HeapLimit(Assert.Single(chart.Controller.Spec.Template.Spec.Containers)));
    }

    [Fact]
    public async Task Quantities_are_texts_also_where_upstreams_values_have_numbers()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge, "agent.resources.limits.cpu=1");
        Assert.Contains("cpu: \"1\"", chart.Text, System.StringComparison.Ordinal);
        Assert.Equal("1", chart.Dataplane.Resources.Limits["cpu"].ToString());
    }

    [Fact]
    public async Task Without_a_limit_no_process_is_told_one()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge, "agent.resources.limits=null");
        Assert.Null(HeapLimit(chart.Dataplane));
    }

    [Theory]
    [InlineData("all", null)]
    [InlineData("kubeedge", null)]
    [InlineData("edge", "Exists")]
    [InlineData("cloud", "DoesNotExist")]
    public async Task A_preset_picks_nodes_and_the_users_affinity_wins(string preset, string? expected)
    {
        HelmTool helm = HelmTool.Require("helm4");
        V1Affinity? affinity =
            (await helm.RenderSetAsync(Edge, $"agent.preset={preset}")).Agent.Spec.Template.Spec.Affinity;
        Assert.Equal(expected, affinity?.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
            .NodeSelectorTerms[0].MatchExpressions[0].OperatorProperty);
        affinity = (await helm.RenderSetAsync(
            Edge, $"agent.preset={preset}",
            "agent.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution=null",
            "agent.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0]"
                + ".matchExpressions[0].key=mine,agent.affinity.nodeAffinity.requiredDuringSchedulingIgnored"
                + "DuringExecution.nodeSelectorTerms[0].matchExpressions[0].operator=Exists"))
            .Agent.Spec.Template.Spec.Affinity;
        Assert.Equal("mine", affinity!.NodeAffinity.RequiredDuringSchedulingIgnoredDuringExecution
            .NodeSelectorTerms[0].MatchExpressions[0].Key);
    }

    [Theory]
    [InlineData("Localhost", "edgemesh/dataplane.json", "RuntimeDefault")]
    [InlineData("RuntimeDefault", null, "RuntimeDefault")]
    [InlineData("Unconfined", null, "Unconfined")]
    public async Task The_seccomp_profile_is_put_on_the_node_only_where_it_is_used(
        string type, string? profile, string control)
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge, $"agent.seccompProfile={type}");
        Assert.Equal(type, chart.Dataplane.SecurityContext.SeccompProfile.Type);
        Assert.Equal(profile, chart.Dataplane.SecurityContext.SeccompProfile.LocalhostProfile);
        Assert.Equal(control, chart.Control.SecurityContext.SeccompProfile.Type);
        IList<V1Container> init = chart.Agent.Spec.Template.Spec.InitContainers ?? [];
        Assert.Equal(profile is null ? 0 : 1, init.Count);
        Assert.Equal(profile is not null, chart.Text.Contains("io_uring_setup", System.StringComparison.Ordinal));
        if (profile is not null)
        {
            V1ConfigMap files = chart.All<V1ConfigMap>().Single(one => one.Name() == "edgemesh-agent-files");
            Assert.Contains($"--seccomp-profile=/etc/edgemesh/files/{Assert.Single(files.Data).Key}", init[0].Args);
        }

        // The sandbox would be made with a pod's profile, before an init container could bring it.
        Assert.Null(chart.Agent.Spec.Template.Spec.SecurityContext?.SeccompProfile);
    }

    [Theory]
    [InlineData("image.tag=2.0", "edgemesh:2.0")]
    [InlineData("image.registry=r.example.com,image.repository=a/b", "r.example.com/a/b:0.1.0")]
    [InlineData("agent.image=other/edgemesh:1", "other/edgemesh:1")]
    [InlineData("agent.image=other/edgemesh:1,global.imageRegistry=r.io", "r.io/other/edgemesh:1")]
    [InlineData("agent.image=localhost:5000/edgemesh:1,global.imageRegistry=r.io", "localhost:5000/edgemesh:1")]
    [InlineData("agent.image.tag=3,global.imageRegistry=r.io/", "r.io/edgemesh:3")]
    [InlineData("global=null", "edgemesh:0.1.0")]
    public async Task The_image_may_be_a_text_or_parts(string set, string image)
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(Edge, set);
        Assert.All(chart.Containers, container => Assert.Equal(image, container.Image));
    }

    [Fact]
    public async Task Network_settings_are_passed_on()
    {
        RenderedChart chart = await HelmTool.Require("helm3").RenderAsync("-f", HelmTool.Use("ipv6-values.yaml"));
        Assert.Contains("--metrics=[::]:9464", chart.Dataplane.Args);
        Assert.Contains("--health=[::]:9465", chart.Control.Args);
        Assert.Equal("::1", chart.Control.LivenessProbe.HttpGet.Host);
        Assert.Contains("--health=[::]:9466", Assert.Single(chart.Controller.Spec.Template.Spec.Containers).Args);
        chart = await HelmTool.Require("helm3").RenderAsync("-f", HelmTool.Use("large-values.yaml"));
        Assert.Contains("--port=30006", chart.Dataplane.Args);
        Assert.Contains("--mtu=1400", chart.Dataplane.Args);
        Assert.Equal("30006", chart.Setting("listenPort"));
        Assert.Equal(0, chart.Agent.Spec.Template.Spec.TerminationGracePeriodSeconds);
        Assert.Equal(0, chart.Controller.Spec.Replicas);
    }

    [Fact]
    public async Task Another_address_of_the_api_is_what_the_processes_see()
    {
        RenderedChart chart = await HelmTool.Require("helm4").RenderSetAsync(
            Edge, "agent.kubeAPIConfig.master=https://[fd00::9]:7443");
        V1Container[] containers = [chart.Control, Assert.Single(chart.Controller.Spec.Template.Spec.Containers)];
        Assert.All(containers, container =>
        {
            Assert.Equal("fd00::9", container.Env.Single(one => one.Name == "KUBERNETES_SERVICE_HOST").Value);
            Assert.Equal("7443", container.Env.Single(one => one.Name == "KUBERNETES_SERVICE_PORT").Value);
        });
        Assert.DoesNotContain(chart.Dataplane.Env, one => one.Name == "KUBERNETES_SERVICE_HOST");
    }

    private static string? HeapLimit(V1Container container) =>
        container.Env.SingleOrDefault(one => one.Name == "DOTNET_GCHeapHardLimit")?.Value;
}

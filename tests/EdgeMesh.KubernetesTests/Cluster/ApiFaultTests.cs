using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using k8s;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>An API that has forgotten, is slow or crowded; controllers that die while they write, or are two.</summary>
[Collection(ClusterCollection.Name)]
public sealed class ApiFaultTests(ClusterFixture fixture)
{
    private const int ForeignMaps = 10_000;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(180);

    [Fact]
    public async Task Watches_that_etcd_has_forgotten_are_begun_again()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 3);
        int before = Lists();
        await fixture.Cluster.Control.ForgetAsync(() => fixture.Pods.ScaleAsync(2, 2, 1));
        await AssertReachedAsync(await fixture.Pods.SettledAsync());
        await fixture.Cluster.Control.ForgetAsync(() => fixture.Pods.ScaleAsync(2, 1, 4));
        await AssertReachedAsync(await fixture.Pods.SettledAsync());
        await AssertReachedAsync(await fixture.Pods.ScaleAsync(3, 2, 3));
        Assert.True(Lists() > before, "the controller did not list pods again");
    }

    [Fact]
    public async Task An_api_that_takes_five_seconds_for_an_answer_delays_and_breaks_nothing()
    {
        await fixture.RequireInstalledAsync();
        IReadOnlyList<PodPlace> pods = await fixture.Pods.ScaleAsync(1, 1, 1);
        await using PodFlow flow = await PodFlow.StartAsync(pods.On("edge-a"), pods.On("k8s-master"));
        fixture.Cluster.Control.PodRelay.Delay = TimeSpan.FromSeconds(5);
        try
        {
            fixture.Cluster.Control.PodRelay.CutAll();
            await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 2, 2));
            Assert.Equal(
                6, // a container of an agent that was ended for being late would show here
                (await fixture.Agents.PodsAsync(ClusterAgents.AgentSelector))
                    .Sum(pod => pod.Child("status").Items("containerStatuses").Count(status => status.Flag("ready"))));
        }
        finally
        {
            fixture.Cluster.Control.PodRelay.Delay = TimeSpan.Zero;
            fixture.Cluster.Control.PodRelay.CutAll();
        }

        Assert.True(await flow.FinishAsync(TimeSpan.FromSeconds(30)) > 0);
    }

    [Fact]
    public async Task A_controller_killed_while_it_writes_leaves_a_mesh_that_all_can_read()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 1);
        for (int round = 0; round < 4; round++)
        {
            (await fixture.Cluster.KubectlAsync("scale", "deployment/pods-edge-a", $"--replicas={round + 1}"))
                .OrThrow();
            await Task.Delay(TimeSpan.FromMilliseconds(150 * round));
            foreach (ClusterNode node in fixture.Cluster.Nodes)
            {
                foreach (int process in ClusterAgents.Processes(node, "edgemesh-control")
                    .Where(process => ClusterAgents.WordsOf(process).Contains("controller")))
                {
                    await Command.RunAsync(["kill", "-KILL", process.ToString(CultureInfo.InvariantCulture)]);
                }
            }
        }

        await fixture.Agents.RolledOutAsync("deployment/edgemesh-controller");
        await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 3, 1));
        await MeshObjects.AssertConsistentAsync(fixture);
    }

    [Fact]
    public async Task Two_controllers_that_both_believe_to_lead_do_not_mix_their_documents()
    {
        await fixture.RequireInstalledAsync();
        await fixture.Pods.ScaleAsync(1, 1, 1);
        int leader = await LeaderAsync();
        (await Command.RunAsync(["kill", "-STOP", $"{leader}"])).OrThrow();
        try
        {
            // The other one takes over once the lease has run out; its pods must show.
            await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 2, 1));
        }
        finally
        {
            await Command.RunAsync(["kill", "-CONT", $"{leader}"]);
        }

        long before = (await fixture.Agents.StatusAsync(fixture.Cluster.Node("edge-a")))!.Count("generation");
        await AssertReachedAsync(await fixture.Pods.ScaleAsync(1, 3, 2));
        Assert.True((await fixture.Agents.StatusAsync(fixture.Cluster.Node("edge-a")))!.Count("generation") > before);
        await MeshObjects.AssertConsistentAsync(fixture);
    }

    [Fact]
    public async Task Ten_thousand_foreign_config_maps_are_none_of_our_business()
    {
        await fixture.RequireInstalledAsync();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, ForeignMaps),
            new ParallelOptions { MaxDegreeOfParallelism = 16 },
            async (i, cancellation) => await fixture.Client.CoreV1.CreateNamespacedConfigMapAsync(
                new V1ConfigMap
                {
                    Metadata = new V1ObjectMeta
                    {
                        Name = string.Create(CultureInfo.InvariantCulture, $"foreign-{i}"),
                        Labels = new Dictionary<string, string> { ["lab"] = "foreign" },
                    },
                    Data = new Dictionary<string, string> { ["text"] = new('x', 100) },
                },
                HelmRelease.Namespace,
                cancellationToken: cancellation));
        try
        {
            await fixture.Agents.RestartAsync("deployment/edgemesh-controller");
            await fixture.Agents.RestartAsync("daemonset/edgemesh-agent");
            await fixture.Agents.WaitUntilMeshedAsync();
            await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 1, 2));
            foreach (ClusterNode node in fixture.Cluster.Nodes)
            {
                ClusterFixture.Tell(node.Name + ": " + string.Join(
                    ", ",
                    ClusterAgents.Processes(node, "edgemesh-control").Select(process =>
                        ClusterAgents.WordsOf(process)[1] + " " + ClusterAgents.ResidentMebibytes(process) + " MiB")));
            }
        }
        finally
        {
            await fixture.Client.CoreV1.DeleteCollectionNamespacedConfigMapAsync(
                HelmRelease.Namespace, labelSelector: "lab=foreign", cancellationToken: CancellationToken.None);
        }
    }

    private int Lists() => AuditedCall.Read(fixture.Cluster.Control.AuditPath, HelmRelease.Namespace)
        .Count(call => call is { Verb: "list", Resource: "pods", Account: "edgemesh-controller" });

    private async Task<int> LeaderAsync()
    {
        CommandResult lease = await fixture.Cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "get", "lease", "edgemesh-controller", "-o", "json");
        string holder = CliView.Parse(lease.OrThrow().Output).Child("spec").Text("holderIdentity");
        foreach (CliView pod in await fixture.Agents.PodsAsync(ClusterAgents.ControllerSelector))
        {
            string name = pod.Child("metadata").Text("name");
            if (holder.Contains(name, StringComparison.Ordinal))
            {
                string uid = pod.Child("metadata").Text("uid");
                ClusterNode node = fixture.Cluster.Node(pod.Child("spec").Text("nodeName"));
                return ClusterAgents.Processes(node, "edgemesh-control").First(
                    process => ClusterAgents.PodUidOf(process) == uid);
            }
        }

        throw new InvalidOperationException($"no controller's pod holds the lease; {holder} does");
    }

    private static async Task AssertReachedAsync(IReadOnlyList<PodPlace> pods)
    {
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ReachReport report = await reach.ProbeAsync(isIpv6: false, Patience);
        ClusterFixture.Tell(report.ToString());
        Assert.True(report.IsWhole, report.ToString());
    }
}

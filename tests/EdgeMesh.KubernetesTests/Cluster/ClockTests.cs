using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Running;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>Clocks that jump, by hours, forwards and back.</summary>
/// <remarks>
/// The kernel has one wall clock for all namespaces, and this machine's is not ours to set. So the same programs run
/// beside the cluster under libfaketime, which changes what the C library says the time is, and reads anew what it
/// shall say while they run: a controller, with the chart's service account, that holds the lease in place of the
/// cluster's own ones, which stand still meanwhile and wait with clocks that are right.
/// </remarks>
[Collection(ClusterCollection.Name)]
public sealed class ClockTests(ClusterFixture fixture)
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    [Fact]
    public async Task A_controller_whose_clock_jumps_goes_on_and_the_mesh_with_it()
    {
        await fixture.RequireInstalledAsync();
        Assert.SkipUnless(File.Exists(Library), "libfaketime is missing: `make test-kubernetes` installs it");
        await fixture.Pods.ScaleAsync(1, 1, 1);
        string clock = Path.Combine(fixture.Cluster.Directory, "clock");
        await File.WriteAllTextAsync(clock, "+0\n");
        await using LabProcess controller = await StartControllerAsync(clock);
        await ScaleAsync(0);
        try
        {
            foreach (string offset in (string[])["+0", "+26h", "-26h", "+400d", "+0"])
            {
                await File.WriteAllTextAsync(clock, offset + "\n");
                await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 2, 2), controller, offset);
                await AssertReachedAsync(await fixture.Pods.ScaleAsync(1, 1, 1), controller, offset);
            }

            Assert.Contains("controller_leads", controller.Log, StringComparison.Ordinal);
            string year = DateTime.UtcNow.AddDays(400).ToString("yyyy-MM-", CultureInfo.InvariantCulture);
            Assert.Contains(year, controller.Log, StringComparison.Ordinal); // it did see the other time

            // The last word it left in the lease may be of another day; others judge it by their own clocks' pace.
            await File.WriteAllTextAsync(clock, "+26h\n");
            await AssertReachedAsync(await fixture.Pods.ScaleAsync(1, 2, 2), controller, "+26h");
            await controller.KillAsync();
        }
        finally
        {
            await ScaleAsync(2);
        }

        await AssertReachedAsync(await fixture.Pods.ScaleAsync(2, 1, 1), controller, "the cluster's own again");
    }

    private async Task<LabProcess> StartControllerAsync(string clock)
    {
        string token = await TokenAsync("edgemesh-controller");
        string settings = Path.Combine(fixture.Cluster.Directory, "settings.yaml");
        CommandResult answer = await fixture.Cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "get", "configmap", "edgemesh-agent-cfg", "-o", "json");
        await File.WriteAllTextAsync(
            settings, CliView.Parse(answer.OrThrow().Output).Child("data").Text("edgemesh-agent.yaml"));
        string config = Path.Combine(fixture.Cluster.Directory, "clock.kubeconfig");
        await File.WriteAllTextAsync(config, fixture.Cluster.ConfigFor(token));
        return fixture.Cluster.StartHere(
            "clock-controller",
            [
                "env", "LD_PRELOAD=" + Library, "FAKETIME_TIMESTAMP_FILE=" + clock, "FAKETIME_NO_CACHE=1",
                "FAKETIME_DONT_FAKE_MONOTONIC=1", "DONT_FAKE_MONOTONIC=1",
                Repository.Program("edgemesh-control"), "controller", "--settings", settings,
                "--namespace", HelmRelease.Namespace, "--identity", "clock", "--kubeconfig", config, "--health", "off",
            ]);
    }

    private async Task<string> TokenAsync(string account)
    {
        CommandResult secrets = await fixture.Cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "get", "secrets", "-o", "json");
        CliView secret = CliView.Parse(secrets.OrThrow().Output).Items("items").First(item =>
            item.Text("type") == "kubernetes.io/service-account-token" &&
            item.Child("metadata").Child("annotations").Text("kubernetes.io/service-account.name") == account);
        return System.Text.Encoding.UTF8.GetString(Convert.FromBase64String(secret.Child("data").Text("token")));
    }

    private async Task ScaleAsync(int count)
    {
        (await fixture.Cluster.KubectlAsync(
            "-n", HelmRelease.Namespace, "scale", "deployment/edgemesh-controller",
            string.Create(CultureInfo.InvariantCulture, $"--replicas={count}"))).OrThrow();
        await fixture.Agents.RolledOutAsync("deployment/edgemesh-controller");
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (await fixture.Agents.PodsAsync(ClusterAgents.ControllerSelector)).Count == count,
                Patience),
            await fixture.Agents.DescribeAsync());
    }

    private static async Task AssertReachedAsync(IReadOnlyList<PodPlace> pods, LabProcess controller, string clock)
    {
        await using PodReach reach = ClusterFixture.Sockets(pods);
        ReachReport report = await reach.ProbeAsync(isIpv6: false, Patience);
        ClusterFixture.Tell($"clock {clock}: {report}");
        Assert.True(report.IsWhole, $"clock {clock}: {report}\n{controller.Log}");
        Assert.True(pods.Count > 0 && pods.All(pod => pod.Addresses.Count > 0));
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The chart's rights are what the processes need: no call is refused, no right is idle.</summary>
[Collection(ClusterCollection.Name)]
public sealed class RbacTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Every_call_is_allowed_and_every_right_is_used()
    {
        await fixture.RequireUninstalledAsync();
        int earlier = Calls().Count;
        (await fixture.Helm.ShellAsync(3, HelmRelease.GuidesCommand)).OrThrow();
        await SayTwiceAsync();
        await fixture.Helm.UpgradeAsync(3, HelmRelease.BothFamilies);
        await fixture.Agents.WaitUntilMeshedAsync();
        string manifests =
            await fixture.Helm.GetAsync("manifest") + "\n---\n" + await fixture.Helm.GetAsync("hooks");
        IReadOnlyList<GrantedRight> rights = GrantedRight.Read(Rbac(manifests));
        Assert.NotEmpty(rights);

        await LiveAsync();
        int living = Calls().Count;
        (await fixture.Helm.UninstallAsync(3)).OrThrow();

        // helm takes the rights away before the last controller has ended, which gives its lease back then.
        IReadOnlyList<AuditedCall> calls = Calls();
        AssertNone(
            "calls that were refused",
            calls.Skip(earlier).Where((call, i) =>
                (!call.IsAllowed || call.Code is 401 or 403) &&
                (earlier + i < living || call.Account == "edgemesh-uninstall")));
        AssertNone(
            "rights that nobody used", rights.Where(right => !IsForFailure(right) && !calls.Any(right.Covers)));
        ClusterFixture.Tell($"{calls.Count - earlier} calls, {rights.Count} rights, each used");
    }

    private IReadOnlyList<AuditedCall> Calls() =>
        AuditedCall.Read(fixture.Cluster.Control.AuditPath, HelmRelease.Namespace);

    private static void AssertNone<T>(string what, IEnumerable<T> items)
    {
        List<string> lines = [.. items.Select(item => item!.ToString()!).Distinct()];
        Assert.True(lines.Count == 0, what + ":\n" + string.Join('\n', lines));
    }

    // Which nodes did not answer, it asks only if some did not.
    private static bool IsForFailure(GrantedRight right) =>
        right is { Account: "edgemesh-uninstall", Resource: "pods", Verb: "list" };

    // Without IPv6 entries the controller says so of each node with such pods; the next controller says it again, and
    // the event is counted up.
    private async Task SayTwiceAsync()
    {
        await fixture.Pods.ScaleAsync(1, 1, 1);
        // The sentence names the pods: none of them may be ending.
        await Eventually.IsTrueAsync(
            async () =>
                (await fixture.Cluster.KubectlAsync("get", "pods", "-o", "name")).Output.Split('\n').Length == 4,
            TimeSpan.FromSeconds(60));
        await fixture.Agents.RestartAsync("deployment/edgemesh-controller");
        Assert.True(await HasCalledAsync("create"), "no event was recorded");
        await Task.Delay(TimeSpan.FromSeconds(5));
        await fixture.Agents.RestartAsync("deployment/edgemesh-controller");
        Assert.True(await HasCalledAsync("patch"), "no event was counted up");
    }

    private Task<bool> HasCalledAsync(string verb) => Eventually.IsTrueAsync(
        () => Task.FromResult(Calls().Any(call => call.Resource == "events" && call.Verb == verb)),
        TimeSpan.FromSeconds(60));

    // What happens in a cluster's life, so that each right has its occasion: pods come and go, also unseen; controllers
    // and agents are replaced, a node comes with the prefixes of another one and goes.
    private async Task LiveAsync()
    {
        await fixture.Pods.ScaleAsync(2, 1, 2);
        await fixture.Cluster.Control.ForgetAsync(() => fixture.Pods.ScaleAsync(1, 1, 1));
        (await fixture.Helm.RunAsync(3, "test", ["--timeout", "180s"])).OrThrow();
        await fixture.Agents.RestartAsync("deployment/edgemesh-controller");
        await fixture.Agents.RestartAsync("daemonset/edgemesh-agent");
        await fixture.Cluster.ApplyAsync(
            """
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "ghost"},
             "spec": {"podCIDR": "10.244.5.0/24", "podCIDRs": ["10.244.5.0/24"]}}
            """);
        bool isTold = await Eventually.IsTrueAsync(
            async () => (await MeshObjects.EventsAsync(fixture)).Any(
                text => text.StartsWith("OverlappingPrefixes", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(30));
        (await fixture.Cluster.KubectlAsync("delete", "node", "ghost")).OrThrow();
        Assert.True(isTold, string.Join('\n', await MeshObjects.EventsAsync(fixture)));
        await fixture.Agents.WaitUntilMeshedAsync();
        await using PodReach reach = ClusterFixture.Sockets(await fixture.Pods.ScaleAsync(2, 2, 2));
        ReachReport report = await reach.ProbeAsync(isIpv6: true, TimeSpan.FromSeconds(60));
        Assert.True(report.IsWhole, report.ToString());
    }

    // Only the documents about rights: the client's types don't know all that a chart holds.
    private static string Rbac(string manifests) => string.Join(
        "\n---\n",
        manifests.Split("\n---").Where(text =>
            text.Contains("rbac.authorization.k8s.io", StringComparison.Ordinal) &&
            text.Contains("\nkind: ", StringComparison.Ordinal)));
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Demo;

/// <summary>A real cluster on this machine, and the user's guide's commands in it, seen with one's own eyes.</summary>
internal sealed class ClusterDemonstration
{
    private const int Helm = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);
    private readonly Narrator _narrator = new();
    private readonly LabCluster _cluster;
    private readonly HelmRelease _helm;
    private readonly ClusterPods _pods;
    private readonly ClusterAgents _agents;
    private readonly Dictionary<string, string> _before = [];

    private ClusterDemonstration(LabCluster cluster)
    {
        _cluster = cluster;
        _helm = new HelmRelease(cluster);
        _pods = new ClusterPods(cluster);
        _agents = new ClusterAgents(cluster);
    }

    /// <summary>Runs it whole.</summary>
    /// <returns>0 if everything held, else 1.</returns>
    public static async Task<int> RunAsync()
    {
        Console.WriteLine("EdgeMesh on Kubernetes: a cluster of a control plane and three nodes, on this machine.");
        Console.WriteLine("All of it lives in namespaces; this machine's own network and settings stay as they are.");
        Console.WriteLine(Drawing);
        string image = Directory.GetFiles(
            Path.Combine(Repository.ArtifactsDirectory, "image"), "edgemesh-*-linux-x64.tar").FirstOrDefault()
            ?? throw new LabException("there is no image: `make image` makes it");
        await using LabCluster cluster = await LabCluster.UpAsync([image], line => Console.WriteLine("    " + line));
        var demonstration = new ClusterDemonstration(cluster);
        try
        {
            return await demonstration.RunPartsAsync() ? 0 : 1;
        }
        catch (LabException failure)
        {
            Console.WriteLine();
            Console.WriteLine("FAIL " + failure.Message);
            Console.WriteLine($"Logs: {cluster.LogDirectory}");
            return 1;
        }
    }

    private async Task<bool> RunPartsAsync()
    {
        await InstallAsync();
        await ReachAsync();
        await UpgradeAsync();
        await StopApiAsync();
        await RebootAsync();
        await UninstallAsync();
        _narrator.Summary();
        Console.WriteLine($"  logs of all processes: {_cluster.LogDirectory}");
        return _narrator.IsAllGood;
    }

    private async Task InstallAsync()
    {
        _narrator.Part("The cluster, and the user's guide's command");
        await ShowAsync("get", "nodes", "-o", "wide");
        (await _cluster.KubectlAsync("create", "namespace", HelmRelease.Namespace)).OrThrow();
        await _pods.ScaleAsync(1, 1, 1);
        await _pods.ClearAsync();
        foreach (ClusterNode node in _cluster.Nodes)
        {
            _before[node.Name] = await NodeDump.SettledAsync(node);
        }

        _narrator.Say("$ " + HelmRelease.GuidesCommand);
        var clock = Stopwatch.StartNew();
        CommandResult answer = (await _helm.ShellAsync(Helm, HelmRelease.GuidesCommand)).OrThrow();
        _narrator.Say(answer.Output);
        await _agents.RolledOutAsync("daemonset/edgemesh-agent");
        await _agents.RolledOutAsync("deployment/edgemesh-controller");
        await _agents.WaitUntilMeshedAsync();
        await ShowAsync("-n", HelmRelease.Namespace, "get", "pods", "-o", "wide");
        _narrator.Outcome(
            "installed", isGood: true, $"all nodes meshed {clock.Elapsed.TotalSeconds:0} s after the command");
        _narrator.Say("IPv6 too: helm upgrade edgemesh ... " + string.Join(' ', HelmRelease.BothFamilies));
        await _helm.UpgradeAsync(Helm, HelmRelease.BothFamilies);
        await _agents.WaitUntilMeshedAsync();
    }

    private async Task ReachAsync()
    {
        _narrator.Part("Pods of all sites reach each other by pod address");
        IReadOnlyList<PodPlace> pods = await _pods.ScaleAsync(4, 4, 4);
        await ShowAsync("get", "pods", "-o", "wide");
        await ReachedAsync("pods reach each other", pods);
        PodPlace cloud = pods.On("k8s-master");
        PodPlace edge = pods.On("edge-a");
        foreach (bool isIpv6 in (bool[])[false, true])
        {
            string[] words =
                ["exec", cloud.Name, "--", isIpv6 ? "ping6" : "ping", "-c", "2", edge.Address(isIpv6)!.ToString()];
            _narrator.Say("$ kubectl " + string.Join(' ', words));
            _narrator.Say((await _cluster.KubectlAsync(words)).Output);
        }

        string agent = (await _agents.PodAsync(_cluster.Node("edge-a"))).Child("metadata").Text("name");
        await ShowAsync("-n", HelmRelease.Namespace, "exec", agent, "--", "edgemesh", "status");
        await ShowAsync("-n", HelmRelease.Namespace, "exec", agent, "--", "edgemesh", "peers");
        (await _cluster.KubectlAsync("delete", "pods", "-l", "lab=pods", "--wait=false")).OrThrow();
        await ReachedAsync("so do those that replace them", await _pods.SettledAsync());
    }

    private async Task UpgradeAsync()
    {
        _narrator.Part("helm upgrade replaces every agent under open TCP connections");
        IReadOnlyList<PodPlace> pods = await _pods.SettledAsync();
        await using PodFlow flow = await PodFlow.StartAsync(pods.On("edge-a"), pods.On("k8s-master"));
        await _helm.UpgradeAsync(Helm, "--reuse-values", "--set", "agent.podAnnotations.demo=upgraded");
        await _agents.RolledOutAsync("daemonset/edgemesh-agent");
        long echoed = await flow.FinishAsync(Patience);
        _narrator.Outcome(
            "TCP survives an upgrade", isGood: true,
            $"{echoed} messages there and back, stood still for at most {flow.LongestGap.TotalMilliseconds:0} ms");
    }

    private async Task StopApiAsync()
    {
        _narrator.Part("The API server stops; a data plane is killed meanwhile");
        IReadOnlyList<PodPlace> pods = await _pods.SettledAsync();
        await using PodFlow flow = await PodFlow.StartAsync(pods.On("edge-b"), pods.On("k8s-master"));
        await _cluster.Control.StopApiAsync();
        await ReachedAsync("without API server", pods);
        foreach (int process in ClusterAgents.Processes(_cluster.Node("edge-a"), "edgemesh-dataplane"))
        {
            (await Command.RunAsync(["kill", "-KILL", $"{process}"])).OrThrow();
        }

        await ReachedAsync("and with a data plane killed", pods);
        await _cluster.Control.StartApiAsync();
        await _cluster.WaitUntilReadyAsync(_cluster.Nodes);
        await ReachedAsync("API server back, new pods", await _pods.ScaleAsync(5, 5, 5));
        long echoed = await flow.FinishAsync(Patience);
        _narrator.Outcome("no flow is lost", isGood: true, $"{echoed} messages on one connection all the time");
    }

    private async Task RebootAsync()
    {
        _narrator.Part("edge-b loses power and starts again");
        ClusterNode node = _cluster.Node("edge-b");
        await node.RebootAsync();
        await _cluster.WaitUntilReadyAsync([node]);
        await _agents.WaitUntilMeshedAsync();
        await ReachedAsync("after a reboot", await _pods.SettledAsync());
    }

    private async Task UninstallAsync()
    {
        _narrator.Part("helm uninstall");
        CommandResult answer = (await _helm.UninstallAsync(Helm)).OrThrow();
        _narrator.Say(answer.Output);
        await _pods.ClearAsync();
        foreach (ClusterNode node in _cluster.Nodes.Where(node => node.Name != "edge-b"))
        {
            string difference = NodeDump.Difference(_before[node.Name], await NodeDump.SettledAsync(node));
            _narrator.Outcome(
                $"{node.Name} as before", difference.Length == 0,
                difference.Length == 0 ? "addresses, routes, rules, nftables, CNI files" : "\n" + difference);
        }
    }

    private async Task ReachedAsync(string what, IReadOnlyList<PodPlace> pods)
    {
        await using var reach = new PodReach(PodReach.NextPort());
        foreach (PodPlace pod in pods)
        {
            reach.Add(pod);
        }

        foreach (bool isIpv6 in (bool[])[false, true])
        {
            ReachReport report = await reach.ProbeAsync(isIpv6, Patience);
            _narrator.Outcome($"{what}, {(isIpv6 ? "IPv6" : "IPv4")}", report.IsWhole, report.ToString());
        }
    }

    private async Task ShowAsync(params string[] words)
    {
        _narrator.Say("$ kubectl " + string.Join(' ', words));
        CommandResult answer = await _cluster.KubectlAsync(words);
        _narrator.Say(answer.Output + answer.ErrorOutput);
    }

    private const string Drawing = """

        control: etcd, API server    k8s-master (cloud-1)        edge-a                      edge-b
        controllers, scheduler       10.244.1.0/24 fd00:1::/64   10.244.5.0/24 fd00:5::/64   10.244.6.0/24 fd00:6::/64
              10.55.0.10                10.55.0.1, 1.1.1.1          192.168.5.2                 192.168.6.2
                  |                         |                    router-a (NAT)              router-b (NAT)
        ==========+=========================+=========================+===========================+======= 10.55.0.0/24

        """;
}

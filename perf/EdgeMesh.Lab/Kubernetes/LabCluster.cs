using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Text;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>A real Kubernetes cluster on this machine, of a control plane and three nodes: see
/// <see cref="ClusterPlan"/>.</summary>
/// <remarks>
/// All of it lives in namespaces called <c>emID-...</c> and in the lab's directory; should this process die, the reaper
/// removes both. The order: network and keys, then side by side the control plane and each node's containerd with its
/// images, then the Node objects, then controllers and kubelets.
/// </remarks>
public sealed class LabCluster : IAsyncDisposable
{
    /// <summary>The image that pods of tests use: busybox, and <c>/bin/pause</c> as its entry point.</summary>
    public const string ToolsImage = "docker.io/lab/tools:1";

    private static readonly TimeSpan ReadyPatience = TimeSpan.FromSeconds(120);
    private readonly List<PosixSignalRegistration> _signals = [];
    private readonly ClusterKeys _keys;
    private readonly string _programs = KubernetesSupport.ProgramDirectory;
    private LabReaper? _reaper;

    private LabCluster(string id, string directory)
    {
        Id = id;
        Directory = directory;
        LogDirectory = Path.Combine(new LabOptions().LogRoot, "kubernetes-" + id);
        System.IO.Directory.CreateDirectory(LogDirectory);
        Network = new ClusterNetwork(id, LogDirectory);
        _keys = ClusterKeys.Create(Path.Combine(directory, "keys"));
    }

    /// <summary>Five hexadecimal digits, in the name of each namespace.</summary>
    public string Id { get; }

    /// <summary>The cluster's directory; gone with it.</summary>
    public string Directory { get; }

    /// <summary>Where processes write their logs; it stays when the cluster is gone.</summary>
    public string LogDirectory { get; }

    /// <summary>Namespaces and links.</summary>
    public ClusterNetwork Network { get; }

    /// <summary>etcd, API server, controllers.</summary>
    public ControlSegment Control { get; private set; } = null!;

    /// <summary>The nodes: cloud-1, edge-a, edge-b.</summary>
    public IReadOnlyList<ClusterNode> Nodes { get; private set; } = [];

    /// <summary>The node of that role.</summary>
    public ClusterNode Node(string role) => Nodes.Single(node => node.Plan.Role == role || node.Name == role);

    /// <summary>A kubeconfig for this machine's loopback, of one who may do everything. Valid while this process
    /// lives.</summary>
    public string ConfigPath => Path.Combine(Directory, "kubeconfig");

    /// <summary>The token of one who may do everything.</summary>
    public string AdminToken => _keys.AdminToken;

    /// <summary>The certificate of the cluster's authority.</summary>
    public string AuthorityPath => _keys.AuthorityPath;

    /// <summary>Brings a cluster up.</summary>
    /// <param name="images">Archives of images that all nodes get.</param>
    /// <param name="say">Is told each step.</param>
    /// <exception cref="LabException">This machine cannot hold it, or something did not start.</exception>
    public static async Task<LabCluster> UpAsync(IReadOnlyList<string> images, Action<string>? say = null)
    {
        if (KubernetesSupport.WhyNot() is { } reason)
        {
            throw new LabException(reason);
        }

        await LabRegistry.RemoveLeftoversAsync(alsoDisowned: false);
        (string id, string directory) = LabRegistry.Register();
        var cluster = new LabCluster(id, directory);
        cluster._reaper = LabReaper.Watch(id);
        cluster.TakeDownOnSignals();
        try
        {
            await cluster.StartAsync(images, say ?? (_ => { }));
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>A kubeconfig for another account, for this machine's loopback.</summary>
    /// <param name="token">The account's token.</param>
    public string ConfigFor(string token) => _keys.Config(
        string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Control.OwnRelay.EndPoint.Port}"), token);

    /// <summary>Runs kubectl.</summary>
    public Task<CommandResult> KubectlAsync(params string[] words) => KubectlAsync(words, null, null);

    /// <summary>Runs kubectl with what it reads and a bound on time.</summary>
    public Task<CommandResult> KubectlAsync(IReadOnlyList<string> words, string? input, TimeSpan? timeout) =>
        Command.RunAsync(
            [Path.Combine(_programs, "kubectl"), "--kubeconfig", ConfigPath, .. words], input, timeout);

    /// <summary>Starts a long-lived program in this machine's own network, as an administrator's workstation would run
    /// it; its logs lie beside the cluster's.</summary>
    public LabProcess StartHere(string name, IReadOnlyList<string> words) =>
        LabProcess.Start(name, LogDirectory, words);

    /// <summary>Has the cluster hold what a manifest says.</summary>
    /// <param name="manifest">YAML or JSON, one document or more.</param>
    public async Task ApplyAsync(string manifest) =>
        (await KubectlAsync(["apply", "-f", "-"], manifest, null)).OrThrow();

    /// <summary>Waits until a node is ready, as the API sees it.</summary>
    /// <exception cref="LabException">It is not in time.</exception>
    public async Task WaitUntilReadyAsync(IEnumerable<ClusterNode> nodes)
    {
        CommandResult answer = await KubectlAsync(
            [
                "wait", "--for=condition=Ready", "--timeout=" + Seconds(ReadyPatience),
                .. nodes.Select(node => "node/" + node.Name),
            ],
            null,
            ReadyPatience + TimeSpan.FromSeconds(20));
        if (!answer.IsSuccess)
        {
            throw new LabException(
                $"nodes are not ready: {answer.ErrorOutput}\n" +
                (await KubectlAsync("describe", "nodes")).Output + $"\nlogs: {LogDirectory}");
        }
    }

    /// <summary>Ends and removes all of it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_reaper is null)
        {
            return;
        }

        foreach (ClusterNode node in Nodes)
        {
            await node.DisposeAsync();
        }

        if (Control is not null)
        {
            await Control.DisposeAsync();
        }

        await LabRegistry.RemoveAsync(Id);
        foreach (PosixSignalRegistration signal in _signals)
        {
            signal.Dispose();
        }

        _reaper.Dispose();
        _reaper = null;
    }

    private async Task StartAsync(IReadOnlyList<string> images, Action<string> say)
    {
        var clock = Stopwatch.StartNew();
        await Network.BuildAsync();
        Control = new ControlSegment(
            Network[ClusterPlan.ControlRole], Path.Combine(Directory, "control"), _programs, _keys);
        await File.WriteAllTextAsync(ConfigPath, ConfigFor(_keys.AdminToken));
        Nodes =
        [
            .. ClusterPlan.Nodes.Select(plan => new ClusterNode(
                plan, Network, Path.Combine(Directory, plan.Role), _programs, "/edgemesh-lab-" + Id + "/" + plan.Role,
                _keys)),
        ];
        List<string> archives = [.. WriteImages(), .. images];
        say($"{Seconds(clock)}: network stands; starting etcd, API server and containerd");
        await Task.WhenAll([Control.StartApiAsync(), .. Nodes.Select(node => StartRuntimeAsync(node, archives))]);
        say($"{Seconds(clock)}: API server answers; images are on all nodes");
        await ApplyAsync(NodeObjects());
        Control.StartControllers();
        foreach (ClusterNode node in Nodes)
        {
            node.StartKubelet();
        }

        await WaitUntilReadyAsync(Nodes);
        say($"{Seconds(clock)}: all nodes are ready");
    }

    private static async Task StartRuntimeAsync(ClusterNode node, IReadOnlyList<string> archives)
    {
        await node.StartAsync();
        foreach (string archive in archives)
        {
            await node.ImportAsync(archive);
        }
    }

    private IEnumerable<string> WriteImages()
    {
        string pause = Path.Combine(Directory, "pause.tar");
        string program = Path.Combine(_programs, "pause");
        ImageArchive.Write(pause, "docker.io/lab/pause:1", [("/pause", program)], [], ["/pause"]);
        string tools = Path.Combine(Directory, "tools.tar");
        ImageArchive.Write(
            tools,
            ToolsImage,
            [("/bin/pause", program), ("/bin/busybox", "/usr/bin/busybox")],
            [
                .. ((string[])["sh", "nc", "ping", "ping6", "ip", "cat", "ls", "dd", "sleep", "wget", "httpd", "id"])
                    .Select(name => ("/bin/" + name, "busybox")),
            ],
            ["/bin/pause"]);
        return [pause, tools];
    }

    // As whoever joins a node would label it: a kubelet may not give itself labels of these names. A kubelet of this
    // version looks into the status of a node that is there already, and ends if it has no quantities.
    private static string NodeObjects()
    {
        var objects = new StringBuilder();
        foreach (ClusterNodePlan node in ClusterPlan.Nodes)
        {
            string labels = node.IsEdge
                ? "node-role.kubernetes.io/edge: \"\", node-role.kubernetes.io/agent: \"\""
                : "node-role.kubernetes.io/master: \"\"";
            objects.Append(CultureInfo.InvariantCulture, $$$"""
                ---
                apiVersion: v1
                kind: Node
                metadata: {name: {{{node.Name}}}, labels: {{{{labels}}}}}
                spec: {{{(node.IsTold
                    ? $"{{podCIDR: \"{node.Prefix4}\", podCIDRs: [\"{node.Prefix4}\", \"{node.Prefix6}\"]}}"
                    : "{}")}}}
                status: {capacity: {pods: "110"}, allocatable: {pods: "110"} }

                """);
        }

        return objects.ToString();
    }

    // Ctrl-C and SIGTERM: take down first, then end as the signal would have. The reaper covers everything harsher.
    private void TakeDownOnSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(
                signal, _ => LabRegistry.RemoveAsync(Id).GetAwaiter().GetResult()));
        }
    }

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0", CultureInfo.InvariantCulture) + "s";

    private static string Seconds(Stopwatch clock) =>
        clock.Elapsed.TotalSeconds.ToString("0.0", CultureInfo.InvariantCulture) + " s";
}

using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>
/// A node of the cluster: kubelet, containerd and runc in namespaces of their own for network, processes, mounts and
/// host name. What is installed on this machine is there too; /etc, /opt, /var/lib, /var/log and /run are the node's.
/// </summary>
public sealed class ClusterNode : IAsyncDisposable
{
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);
    private readonly ClusterNetwork _network;
    private readonly ClusterKeys _keys;
    private readonly string _programs;
    private LabProcess? _machine;
    private int _starts;
    private LabProcess? _containerd;
    private LabProcess? _kubelet;

    internal ClusterNode(
        ClusterNodePlan plan,
        ClusterNetwork network,
        string directory,
        string programs,
        string cgroup,
        ClusterKeys keys)
    {
        Plan = plan;
        _network = network;
        Directory = directory;
        _programs = programs;
        ControlGroup = cgroup;
        _keys = keys;
    }

    /// <summary>Its plan.</summary>
    public ClusterNodePlan Plan { get; }

    /// <summary>Its name in Kubernetes.</summary>
    public string Name => Plan.Name;

    /// <summary>Its directory on this machine: <c>etc</c>, <c>opt</c>, <c>var/lib</c>, <c>var/log</c> of the
    /// node.</summary>
    public string Directory { get; }

    /// <summary>The control group that holds its pods, a path below each hierarchy.</summary>
    public string ControlGroup { get; }

    /// <summary>Its network.</summary>
    public LabNamespace Network => _network[Plan.Role];

    /// <summary>The id, on this machine, of the node's first process.</summary>
    public int FirstProcessId => ChildOf(_machine ?? throw new InvalidOperationException("the node is not started"));

    /// <summary>Lays the node's directories out and starts its first process and containerd.</summary>
    internal async Task StartAsync()
    {
        if (!System.IO.Directory.Exists(Directory))
        {
            await LayOutAsync();
        }

        MakeControlGroups();
        _starts++;
        _machine = Network.Start(
            LogName("machine"),
            [
                "unshare", "--mount", "--pid", "--uts", "--ipc", "--fork", "--kill-child", "--mount-proc",
                "/bin/bash", "-c", NodeScripts.Boot, "boot", Directory, Name, _programs, "/usr/lib/cni",
            ]);
        await WaitForAsync(_machine, "node is up");
        _containerd = StartInside("containerd", ["/opt/lab/containerd", "--config", "/etc/containerd/config.toml"]);
        await WaitForAsync(_containerd, "containerd successfully booted");
    }

    /// <summary>Starts the kubelet.</summary>
    public void StartKubelet() => _kubelet = StartInside(
        "kubelet",
        [
            "/opt/lab/kubelet", "--config=/etc/kubernetes/kubelet.yaml", "--kubeconfig=/etc/kubernetes/kubeconfig",
            "--container-runtime=remote", "--container-runtime-endpoint=unix:///run/containerd/containerd.sock",
            "--hostname-override=" + Name, "--node-ip=" + Plan.Underlay, "--root-dir=/var/lib/kubelet",
            "--cert-dir=/var/lib/kubelet/pki", "--v=1",
        ]);

    /// <summary>Ends the kubelet; pods go on.</summary>
    public async Task StopKubeletAsync()
    {
        if (_kubelet is { IsRunning: true } kubelet)
        {
            (await Command.RunAsync(["kill", "-KILL", Text(ChildOf(kubelet))])).OrThrow();
            await kubelet.WaitForExitAsync(TimeSpan.FromSeconds(10));
        }
    }

    /// <summary>
    /// Cuts the node's power and switches it on again: processes, network and /run are gone, and what lies on the disk
    /// is still there. The API server must be there: it is waited for until it has heard of the node again.
    /// </summary>
    public async Task RebootAsync()
    {
        await CutPowerAsync();
        await _network.RebuildNodeAsync(Plan);
        await StartAsync();
        StartKubelet();
        await WaitForAsync(_kubelet!, "Successfully registered node");
    }

    /// <summary>Ends all of the node at once.</summary>
    public async Task CutPowerAsync()
    {
        if (_machine is { IsRunning: true } machine)
        {
            (await Command.RunAsync(["kill", "-KILL", Text(ChildOf(machine))])).OrThrow();
            await machine.WaitForExitAsync(TimeSpan.FromSeconds(20));
        }

        foreach (LabProcess? process in (LabProcess?[])[_kubelet, _containerd])
        {
            if (process is not null)
            {
                await process.WaitForExitAsync(TimeSpan.FromSeconds(5));
                await process.DisposeAsync();
            }
        }
    }

    /// <summary>Gives containerd an image.</summary>
    /// <param name="archive">An archive as <c>docker save</c> writes it, or one of the OCI layout.</param>
    public async Task ImportAsync(string archive)
    {
        string name = Path.GetFileName(archive);
        string own = Path.Combine(Directory, name);
        if (!File.Exists(own))
        {
            File.Copy(archive, own);
        }

        (await RunAsync(
            ["/opt/lab/ctr", "-n", "k8s.io", "images", "import", "/mnt/" + name], null, TimeSpan.FromSeconds(120)))
            .OrThrow();
        File.Delete(own);
    }

    /// <summary>Runs a program in the node, with the node's files and network, to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] words) => Command.RunAsync(Enter(words));

    /// <summary>Runs a program in the node, with what it reads and a bound on time.</summary>
    public Task<CommandResult> RunAsync(IReadOnlyList<string> words, string? input, TimeSpan? timeout) =>
        Command.RunAsync(Enter(words), input, timeout);

    /// <summary>Runs a line of shell in the node and gives what it printed.</summary>
    public async Task<string> ShellAsync(string line) => (await RunAsync("/bin/sh", "-c", line)).OrThrow().Output;

    /// <summary>A file of the node, as this machine sees it.</summary>
    /// <param name="path">Absolute, on the node.</param>
    public string FilePath(string path) => "/proc/" + Text(FirstProcessId) + "/root" + path;

    /// <summary>The network namespace of a pod on this node that does not use the node's own.</summary>
    /// <param name="uid">The pod's uid.</param>
    /// <param name="name">What messages call it.</param>
    /// <returns>Null while none of the pod's processes run.</returns>
    public LabNamespace? PodNetwork(string uid, string name)
    {
        foreach (int process in PodProcesses(uid))
        {
            return new LabNamespace(name, name, Path.GetTempPath(), "/proc/" + Text(process) + "/ns/net");
        }

        return null;
    }

    /// <summary>The ids, on this machine, of a pod's processes.</summary>
    /// <param name="uid">The pod's uid.</param>
    public IEnumerable<int> PodProcesses(string uid)
    {
        string kubepods = "/sys/fs/cgroup/pids" + ControlGroup + "/kubepods";
        foreach (string quality in (string[])["/besteffort", "/burstable", ""])
        {
            string pod = kubepods + quality + "/pod" + uid;
            if (System.IO.Directory.Exists(pod))
            {
                return System.IO.Directory.EnumerateDirectories(pod)
                    .SelectMany(container => File.ReadAllLines(Path.Combine(container, "cgroup.procs")))
                    .Select(line => int.Parse(line, CultureInfo.InvariantCulture))
                    .Where(process => process > 0);
            }
        }

        return [];
    }

    /// <summary>Ends all of the node and removes its control groups.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_machine is not null)
        {
            await CutPowerAsync();
            await _machine.DisposeAsync();
        }
    }

    private async Task LayOutAsync()
    {
        foreach (string place in (string[])["opt", "var/lib", "var/log"])
        {
            System.IO.Directory.CreateDirectory(Path.Combine(Directory, place));
        }

        (await Command.RunAsync(["cp", "-a", "/etc", Directory])).OrThrow();
        foreach (string place in (string[])["cni", "containerd", "kubernetes"])
        {
            string path = Path.Combine(Directory, "etc", place);
            if (System.IO.Directory.Exists(path))
            {
                System.IO.Directory.Delete(path, recursive: true);
            }

            System.IO.Directory.CreateDirectory(path);
        }

        Write("etc/containerd/config.toml", NodeScripts.Containerd);
        Write("etc/kubernetes/kubelet.yaml", NodeScripts.Kubelet(ControlGroup));
        Write("etc/kubernetes/kubeconfig", await File.ReadAllTextAsync(_keys.ConfigPath(Plan.Role)));
        Write(
            Plan.IsEdge ? "etc/cni/net.d/10-containerd-net.conflist" : "etc/cni/net.d/10-flannel.conflist",
            NodeScripts.Plugins(Plan));
        // There is no name server; a program that asks one is told so at once.
        Write("etc/resolv.conf", "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n");
    }

    private void Write(string place, string text)
    {
        string path = Path.Combine(Directory, place);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        File.WriteAllText(path, text);
    }

    // The kubelet wants the group it shall work below to be there, in each hierarchy.
    private void MakeControlGroups()
    {
        foreach (string hierarchy in System.IO.Directory.GetDirectories("/sys/fs/cgroup"))
        {
            string path = hierarchy + ControlGroup;
            System.IO.Directory.CreateDirectory(path);
            foreach (string file in (string[])["cpuset.cpus", "cpuset.mems"])
            {
                // A group of that hierarchy takes no process before both are set, from the top down.
                string parent = Path.GetDirectoryName(path)!;
                if (hierarchy.EndsWith("/cpuset", StringComparison.Ordinal))
                {
                    string all = File.ReadAllText(Path.Combine(hierarchy, file)).Trim();
                    File.WriteAllText(Path.Combine(parent, file), all);
                    File.WriteAllText(Path.Combine(path, file), all);
                }
            }
        }
    }

    private LabProcess StartInside(string name, IReadOnlyList<string> words) =>
        Network.Start(LogName(name), EnterWords(words));

    // A log for each time the node was started: what is waited for must not be an earlier time's.
    private string LogName(string program) => _starts == 1 ? program : program + "-" + Text(_starts);

    private List<string> Enter(IReadOnlyList<string> words) => [.. EnterWords(words)];

    private List<string> EnterWords(IReadOnlyList<string> words) =>
    [
        "nsenter", "--target", Text(FirstProcessId), "--mount", "--pid", "--uts", "--ipc", "--net", "--", .. words,
    ];

    private static async Task WaitForAsync(LabProcess process, string text) =>
        await process.WaitForLogAsync(text, StartPatience);

    // unshare and nsenter stay outside and wait for their only child, which is in the node.
    private static int ChildOf(LabProcess process)
    {
        string file = string.Create(CultureInfo.InvariantCulture, $"/proc/{process.Id}/task/{process.Id}/children");
        var clock = Stopwatch.StartNew();
        while (true)
        {
            string first = File.Exists(file) ? File.ReadAllText(file).Split(' ')[0] : "";
            if (int.TryParse(first, out int child))
            {
                return child;
            }

            if (clock.Elapsed > TimeSpan.FromSeconds(5) || !process.IsRunning)
            {
                throw new LabException($"{process.Name} has no child; its log: {process.ErrorPath}");
            }
        }
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}

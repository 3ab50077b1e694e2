using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Kubernetes.Access;
using EdgeMesh.Lab;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Perf.Scale;

/// <summary>
/// The simulation, in the network namespace that this process is in: the stand-in API server, the controller, the
/// control process of one node with a stand-in data plane, and light watchers. First all at rest, then with churn.
/// </summary>
internal sealed class ScaleRun : IAsyncDisposable
{
    private const int PortCount = 3;
    private const int ControllerPort = 0;
    private const int NodePort = 1;
    private const int WatchersPort = 2;
    private const string Tun = "edge_tun0";

    private static readonly TimeSpan StartTime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MeshTime = TimeSpan.FromSeconds(180);
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LookTime = TimeSpan.FromSeconds(1);

    private readonly ScaleRequest _request;
    private readonly TextWriter _progress;
    private readonly string _directory = Directory.CreateTempSubdirectory("edgemesh-cluster-").FullName;
    private readonly List<LabProcess> _processes = [];
    private readonly List<LightWatcher> _watchers = [];
    private readonly CancellationTokenSource _end = new();
    private Task _watching = Task.CompletedTask;
    private DataplaneStandIn? _dataplane;
    private StandInClient? _client;
    private LabProcess? _controller;
    private LabProcess? _node;

    /// <summary>Prepares.</summary>
    public ScaleRun(ScaleRequest request, TextWriter progress)
    {
        _request = request;
        _progress = progress;
    }

    /// <summary>From the controller's start to the whole mesh at the real node.</summary>
    public TimeSpan MeshAfter { get; private set; }

    /// <summary>Prefixes of the mesh document at the real node.</summary>
    public int Prefixes { get; private set; }

    /// <summary>Starts everything and waits for the whole mesh at the node.</summary>
    /// <exception cref="LabException">Something does not come.</exception>
    public async Task StartAsync(CancellationToken stop)
    {
        ScalePlan plan = _request.Plan;
        int[] ports = await StartStandInAsync(stop);
        _client = new StandInClient(ports[WatchersPort]);
        (await Command.RunAsync(["ip", "tuntap", "add", "dev", Tun, "mode", "tun"], cancellation: stop)).OrThrow();
        (await Command.RunAsync(
            ["ip", "link", "set", "dev", Tun, "up", "alias", "edgemesh-dataplane"], cancellation: stop)).OrThrow();
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_forward", "1", stop); // of this namespace, as on any node
        await SayAsync($"{plan.Nodes} nodes and {plan.Pods} pods are there; starting the controller");
        long start = Stopwatch.GetTimestamp();
        _controller = Start(
            "controller", Repository.Program("edgemesh-control"), "controller",
            "--settings", ScaleFiles.Settings(_directory, plan), "--namespace", ScalePlan.Namespace,
            "--identity", "controller-0", "--kubeconfig", ScaleFiles.Kubeconfig(_directory, ports[ControllerPort]),
            "--health", "127.0.0.1:9466");
        string socket = Path.Combine(_directory, "dataplane.sock");
        _dataplane = new DataplaneStandIn(socket, plan.RealNode);
        _node = Start(
            "node", Repository.Program("edgemesh-control"), "run", "--source", "kubernetes",
            "--node", ScalePlan.NodeName(plan.RealNode), "--namespace", ScalePlan.Namespace,
            "--kubeconfig", ScaleFiles.Kubeconfig(_directory, ports[NodePort]), "--socket", socket,
            "--state", Path.Combine(_directory, "state"), "--tun", Tun, "--health", "127.0.0.1:9465");
        await UntilAsync(
            () => _dataplane.Nodes == plan.Nodes, MeshTime,
            () => $"the node has {_dataplane.Nodes} of {plan.Nodes} nodes", stop);
        MeshAfter = Stopwatch.GetElapsedTime(start);
        Prefixes = _dataplane.Prefixes;
        await SayAsync(
            $"the node has the whole mesh, {Prefixes} prefixes, after {MeshAfter.TotalSeconds:0.0} s");
        var access = KubeAccess.FromKubeconfig(ScaleFiles.Kubeconfig(_directory, ports[WatchersPort]));
        _watchers.AddRange(Enumerable.Range(0, _request.Watchers).Select(_ => new LightWatcher(access)));
        _watching = Task.WhenAll(_watchers.Select(watcher => watcher.RunAsync(_end.Token)));
        await Task.Delay(SettleTime, stop);
    }

    /// <summary>Measures one phase.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="changesPerMinute">Pods that go, and as many come.</param>
    /// <param name="stop">Gives up.</param>
    public async Task<ScalePhase> MeasureAsync(string name, int changesPerMinute, CancellationToken stop)
    {
        await SayAsync($"{name}: {changesPerMinute} pods a minute, {_request.Duration.TotalSeconds:0} s");
        int before = (await _client!.CreationsAsync(0, stop)).Count;
        await _client.ChangeAsync(changesPerMinute, stop);
        PhaseMeter controller = await PhaseMeter.StartAsync(_controller!, _client, ControllerPort, stop);
        PhaseMeter node = await PhaseMeter.StartAsync(_node!, _client, NodePort, stop);
        var clock = Stopwatch.StartNew();
        while (clock.Elapsed < _request.Duration)
        {
            await Task.Delay(LookTime, stop);
            controller.Look();
            node.Look();
            RequireRunning();
        }

        PhaseCost controllerCost = await controller.EndAsync(stop);
        PhaseCost nodeCost = await node.EndAsync(stop);
        await _client.ChangeAsync(0, stop);
        if (changesPerMinute > 0)
        {
            await Task.Delay(DrainTime, stop);
        }

        IReadOnlyList<PodCreation> pods = await _client.CreationsAsync(before, stop);
        var phase = new ScalePhase(name, controllerCost, nodeCost) { Pods = pods.Count };
        return phase with
        {
            MissingAtNode = _dataplane!.Arrivals.Match(pods, phase.AtNode),
            MissingAtWatchers = _watchers.Sum(watcher => watcher.Arrivals.Match(pods, phase.AtWatchers)),
        };
    }

    /// <summary>Ends everything. Logs are kept if that was asked for.</summary>
    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _watching.ContinueWith(
            static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        foreach (LabProcess process in Enumerable.Reverse(_processes))
        {
            await process.DisposeAsync();
        }

        if (_dataplane is not null)
        {
            await _dataplane.DisposeAsync();
        }

        _client?.Dispose();
        _end.Dispose();
        if (_request.LogDirectory.Length > 0)
        {
            Directory.CreateDirectory(_request.LogDirectory);
            foreach (string log in Directory.EnumerateFiles(_directory, "*.log"))
            {
                File.Copy(log, Path.Combine(_request.LogDirectory, Path.GetFileName(log)), overwrite: true);
            }
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task<int[]> StartStandInAsync(CancellationToken stop)
    {
        ScalePlan plan = _request.Plan;
        LabProcess standIn = Start(
            "api", Environment.ProcessPath!, ScaleCommand.StandInVerb,
            "--nodes", Text(plan.Nodes), "--pods", Text(plan.Pods), "--seed", Text(plan.Seed),
            "--ports", Text(PortCount));
        await UntilAsync(
            () => standIn.Output.EndsWith('\n'), StartTime, () => "the stand-in API server does not listen", stop);
        return
        [
            .. standIn.Output.Trim().Split(' ').Skip(1).Select(port => int.Parse(port, CultureInfo.InvariantCulture)),
        ];
    }

    private LabProcess Start(string name, params string[] words)
    {
        var process = LabProcess.Start(name, _directory, words);
        _processes.Add(process);
        return process;
    }

    private async Task UntilAsync(
        Func<bool> isThere, TimeSpan timeout, Func<string> problem, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        while (!isThere())
        {
            RequireRunning();
            if (clock.Elapsed > timeout)
            {
                throw new LabException($"{problem()} after {timeout.TotalSeconds:0} s{Logs()}");
            }

            await Task.Delay(50, stop);
        }
    }

    private void RequireRunning()
    {
        if (_processes.Find(process => !process.IsRunning) is { } ended)
        {
            throw new LabException($"{ended.Name} ended with {ended.ExitCode}{Logs()}");
        }
    }

    private string Logs() => string.Concat(_processes.Select(process => $"\n{process.Name}: {Tail(process.Log)}"));

    private static string Tail(string log)
    {
        const int Characters = 2000;
        return log[Math.Max(0, log.Length - Characters)..];
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private Task SayAsync(FormattableString line) =>
        _progress.WriteLineAsync(line.ToString(CultureInfo.InvariantCulture));
}

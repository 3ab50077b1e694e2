using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Control;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Metrics;
using EdgeMesh.Dataplane.Threads;
using EdgeMesh.Io.Tun;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Logging;
using EdgeMesh.State;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane;

/// <summary>The running parts of the process and the threads they run on.</summary>
/// <remarks>
/// Threads: one per worker, one for the links, and the pool's for control channel and metrics. Loops are opened,
/// run and disposed on their own thread. A thread that fails ends the process: half a data plane would lose packets
/// without a name.
/// </remarks>
internal sealed class Composition : IAsyncDisposable
{
    private readonly List<Thread> _threads = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly KeyPair _identity;
    private readonly ControlRequests _requests;
    private readonly WorkerThread[] _workers;
    private LinkThread? _links;
    private MetricsReport? _metrics; // made by the first scrape, used by one scrape at a time

    public Composition(DataplaneOptions options, KeyPair identity, TunDevice tun, StructuredLog log)
    {
        Options = options;
        Tun = tun;
        Log = log;
        _identity = identity;
        _workers = new WorkerThread[options.Workers];
        _requests = new ControlRequests(this);
        Mesh = new MeshState(
            new MeshCompiler(options.Node, identity.PeerId),
            new StateFile(
                System.IO.Path.Combine(options.StateDirectory, "snapshot.bin"), ControlLimits.MessageBytesMax),
            log,
            Publish);
    }

    /// <summary>What the operator asked for.</summary>
    public DataplaneOptions Options { get; }

    /// <summary>The TUN device.</summary>
    public TunDevice Tun { get; }

    /// <summary>Where lines go.</summary>
    public StructuredLog Log { get; }

    /// <summary>This node's peer id.</summary>
    public PeerId PeerId => _identity.PeerId;

    /// <summary>The desired state in force.</summary>
    public MeshState Mesh { get; }

    /// <summary>What happened to connections.</summary>
    public LinkEvents Events { get; } = new();

    /// <summary>The workers' threads; all of them run once <see cref="StartAsync"/> returns.</summary>
    public IReadOnlyList<WorkerThread> Workers => _workers;

    /// <summary>The links; they run once <see cref="StartAsync"/> returns.</summary>
    public LinkLoop Links => _links!.Links;

    /// <summary>The control channel's server, once it is open.</summary>
    public ControlServer? ControlServer { get; set; }

    /// <summary>Time since the start.</summary>
    public TimeSpan Uptime => Stopwatch.GetElapsedTime(_started);

    /// <summary>Name of the event loops' back end.</summary>
    public string BackendName => _workers[0].Loop.BackendName;

    /// <summary>What ended a thread before its time; null if nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Starts every thread, then applies the snapshot on disk.</summary>
    public async Task StartAsync()
    {
        await StartThreadAsync(
            "links", () => new LinkThread(Options, Log), links => _links = links,
            static (links, stop) => links.Run(stop));
        PathReports reports = new(_links!.Loop);
        WorkerOptions common = new()
        {
            NodeName = Options.Node,
            Workers = Options.Workers,
            Instance = RandomNumber() | 1, // 0 says nothing
            FlowSeed = RandomNumber(),
        };
        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i;
            await StartThreadAsync(
                $"worker-{i}",
                () => new WorkerThread(index, Options, common, Tun, MakeHost, reports, Log),
                worker => _workers[index] = worker,
                static (worker, stop) => worker.Run(stop));
        }

        Worker[] workers = [.. _workers.Select(thread => thread.Worker)];
        Worker.JoinAll(workers);
        DescriptorBudget budget = DescriptorBudget.OfProcess();
        LinkOptions links = new()
        {
            PeerId = PeerId,
            Random = Random.Shared,
            AttemptsMax = budget.DialAttemptsMax,
            HandshakesMax = budget.HandshakesMax,
        };
        await _links.AssembleAsync(links, MakeHost, Events, workers, reports);
        Links.Start();
        Mesh.Restore();
    }

    /// <summary>Waits until <paramref name="stop"/>, or until a thread fails.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        try
        {
            while (!_failed.Task.IsCompleted)
            {
                if (ControlServer?.IsControlConnected == true)
                {
                    Mesh.Confirm();
                }

                await Task.WhenAny(timer.WaitForNextTickAsync(stop).AsTask(), _failed.Task).Unwrap();
            }
        }
        catch (OperationCanceledException)
        {
            // told to end
        }
    }

    /// <summary>Sends what waits and says good-bye to the peers, within <paramref name="timeMax"/>.</summary>
    public async Task DrainAsync(TimeSpan timeMax)
    {
        Task drained = Task.WhenAll(_workers.Select(thread => thread.Worker.DrainAsync()));
        await Task.WhenAny(drained, Task.Delay(timeMax));
    }

    /// <summary>Answers the control channel.</summary>
    public ValueTask<Response> HandleAsync(Request request, ControlCaller caller, CancellationToken cancellation) =>
        _requests.HandleAsync(request, cancellation);

    /// <summary>Writes the metrics of this moment.</summary>
    public void CollectMetrics(MetricsWriter writer) => (_metrics ??= new MetricsReport(this)).Write(writer);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        await Mesh.DisposeAsync();
        _stop.Dispose();
    }

    private static ulong RandomNumber() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private Host MakeHost(Loop loop) => new(
        _identity,
        new HostOptions
        {
            ListenAddresses = [.. Options.Listen.Select(Multiaddr.FromTcp)],
            Connection = new ConnectionOptions { Time = new LoopTime(loop) },
        });

    private void Publish(MeshView view)
    {
        foreach (WorkerThread thread in _workers)
        {
            thread.Worker.Publish(view);
        }

        Links.Publish(view);
    }

    private Task StartThreadAsync<T>(string name, Func<T> open, Action<T> opened, Action<T, CancellationToken> run)
        where T : IDisposable
    {
        TaskCompletionSource ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            try
            {
                using T part = open();
                opened(part);
                ready.SetResult();
                run(part, _stop.Token);
            }
#pragma warning disable CA1031 // here a thread ends, and the process with it
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (!ready.TrySetException(exception))
                {
                    Failure = exception;
                    Log.Error("thread_failed", ("thread", name), ("cause", exception));
                    _failed.TrySetResult();
                }
            }
        })
        {
            Name = name,
            IsBackground = true,
        };
        thread.Start();
        _threads.Add(thread);
        return ready.Task;
    }
}

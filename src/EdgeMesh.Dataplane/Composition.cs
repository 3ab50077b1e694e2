using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Model;
using EdgeMesh.Dataplane.Threads;
using EdgeMesh.Io.Tun;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Yamux;
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
    private readonly DataplaneOptions _options;
    private readonly KeyPair _identity;
    private readonly TunDevice _tun;
    private readonly StructuredLog _log;
    private readonly MeshState _mesh;
    private readonly LinkEvents _events = new();
    private readonly WorkerThread[] _workers;
    private LinkThread? _links;

    public Composition(DataplaneOptions options, KeyPair identity, TunDevice tun, StructuredLog log)
    {
        _options = options;
        _identity = identity;
        _tun = tun;
        _log = log;
        _workers = new WorkerThread[options.Workers];
        _mesh = new MeshState(
            new MeshCompiler(options.Node, identity.PeerId),
            new StateFile(
                System.IO.Path.Combine(options.StateDirectory, "snapshot.bin"), ControlLimits.MessageBytesMax),
            log,
            Publish);
    }

    /// <summary>What ended a thread before its time; null if nothing did.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Starts every thread, then applies the snapshot on disk.</summary>
    /// <returns>The running parts.</returns>
    public async Task<RunningNode> StartAsync()
    {
        await StartThreadAsync(
            "links", () => new LinkThread(_options, _log), links => _links = links,
            static (links, stop) => links.Run(stop));
        PathReports reports = new(_links!.Loop);
        WorkerOptions common = new()
        {
            NodeName = _options.Node,
            Workers = _options.Workers,
            Instance = RandomNumber() | 1, // 0 says nothing
            FlowSeed = RandomNumber(),
        };
        for (int i = 0; i < _workers.Length; i++)
        {
            int index = i;
            await StartThreadAsync(
                $"worker-{i}",
                () => new WorkerThread(index, _options, common, _tun, MakeHost, reports, _log),
                worker => _workers[index] = worker,
                static (worker, stop) => worker.Run(stop));
        }

        Worker[] workers = [.. _workers.Select(thread => thread.Worker)];
        Worker.JoinAll(workers);
        DescriptorBudget budget = DescriptorBudget.OfProcess();
        LinkOptions links = new()
        {
            PeerId = _identity.PeerId,
            Random = Random.Shared,
            AttemptsMax = budget.DialAttemptsMax,
            HandshakesMax = budget.HandshakesMax,
        };
        await _links.AssembleAsync(links, MakeHost, _events, workers, reports);
        _links.Links.Start();
        _mesh.Restore();
        return new RunningNode
        {
            Options = _options,
            PeerId = _identity.PeerId,
            Offloads = _tun.Offloads,
            ReadTunQueueDrops = _tun.ReadKernelDrops,
            IsTunUp = _tun.IsUp,
            Pulses =
            [
                .. _workers.Select((thread, i) => new LoopPulse($"worker-{i}", thread.Loop)),
                new LoopPulse("links", _links.Loop),
            ],
            Workers = workers,
            Loops = [.. _workers.Select(thread => thread.Loop)],
            Links = _links.Links,
            Events = _events,
            Mesh = _mesh,
        };
    }

    /// <summary>Waits until <paramref name="stop"/>, or until a thread fails.</summary>
    /// <param name="isControlConnected">Whether a control process holds a connection.</param>
    /// <param name="stop">Ends the wait.</param>
    public async Task WaitAsync(Func<bool> isControlConnected, CancellationToken stop)
    {
        using PeriodicTimer timer = new(TimeSpan.FromSeconds(1));
        try
        {
            while (!_failed.Task.IsCompleted)
            {
                if (isControlConnected())
                {
                    _mesh.Confirm();
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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (Thread thread in _threads)
        {
            thread.Join();
        }

        await _mesh.DisposeAsync();
        _stop.Dispose();
    }

    private static ulong RandomNumber() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private Host MakeHost(Loop loop) => new(
        _identity,
        new HostOptions
        {
            ListenAddresses = [.. _options.Listen.Select(Multiaddr.FromTcp)],
            Connection = new ConnectionOptions
            {
                Time = new LoopTime(loop),
                HandlerFailed = (stream, failure) =>
                    _log.Error("handler_failed", ("protocol", stream.Protocol), ("cause", failure)),
                Yamux = new YamuxSessionOptions { TunnelWindowBytes = _options.WindowKibibytes << 10 },
            },
        });

    private void Publish(MeshView view)
    {
        foreach (WorkerThread thread in _workers)
        {
            thread.Worker.Publish(view);
        }

        _links!.Links.Publish(view);
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
                    _log.Error("thread_failed", ("thread", name), ("cause", exception));
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

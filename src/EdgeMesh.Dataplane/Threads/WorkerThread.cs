using System;
using System.Threading;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Tun;
using EdgeMesh.Libp2p;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Threads;

/// <summary>What one worker's thread owns: its event loop, its packet memory, its TUN queue, and the worker on them.
/// </summary>
internal sealed class WorkerThread : IDisposable
{
    private readonly CancellationTokenSource _failed = new();
    private Exception? _failure;

    /// <summary>Opens everything; must run on the thread that then calls <see cref="Run"/>.</summary>
    public WorkerThread(
        int index,
        DataplaneOptions options,
        WorkerOptions common,
        TunDevice tun,
        Func<Loop, Host> makeHost,
        PathReports reports,
        StructuredLog log)
    {
        Loop = EventLoops.Open(options.Io);
        PacketPool pool = MakePool(options, log);
        Worker = new Worker(index, common, Loop, tun.OpenQueue(Loop, pool), pool, makeHost(Loop), reports, log);
    }

    /// <summary>Its event loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>The worker.</summary>
    public Worker Worker { get; }

    /// <summary>Moves packets until <paramref name="stop"/>.</summary>
    /// <exception cref="Exception">What took the TUN queue away.</exception>
    public void Run(CancellationToken stop)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(stop, _failed.Token);
        Worker.Start(HandleFailure);
        Loop.Run(ended.Token);
        if (_failure is not null)
        {
            throw new InvalidOperationException(_failure.Message, _failure);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Worker.Dispose();
        Loop.Dispose();
        _failed.Dispose();
    }

    private static PacketPool MakePool(DataplaneOptions options, StructuredLog log)
    {
        PacketPool pool = new((long)options.PoolMebibytes << 20);
        if (options.HugePages && !HugePages.TryAdvise(pool.Memory, out string? cause))
        {
            log.Warn("huge_pages_refused", ("cause", cause), ("remedy", "run without --huge-pages"));
        }

        return pool;
    }

    private void HandleFailure(Exception failure)
    {
        _failure = failure;
        _failed.Cancel();
    }
}

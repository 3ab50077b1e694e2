using System;
using System.Collections.Generic;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Io;
using EdgeMesh.Io.Loops;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;
using SocketError = System.Net.Sockets.SocketError;

namespace EdgeMesh.Dataplane.Threads;

/// <summary>What the links' thread owns: its event loop, the listeners, and the links.</summary>
internal sealed class LinkThread : IDisposable
{
    // A killed process's ring gives its listening socket back only after the process is gone, so that one who is
    // started at once would find the port in use.
    private static readonly TimeSpan ListenPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ListenRetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly List<UnderlayListener> _listeners = [];
    private readonly DataplaneOptions _options;
    private readonly StructuredLog _log;
    private readonly TcpTransport _tcp;
    private LinkLoop? _links;

    /// <summary>Opens the listeners; must run on the thread that then calls <see cref="Run"/>.</summary>
    public LinkThread(DataplaneOptions options, StructuredLog log)
    {
        _options = options;
        _log = log;
        Loop = EventLoops.Open(options.Io);
        _tcp = new TcpTransport(Loop);
        foreach (IPEndPoint endPoint in options.Listen)
        {
            Listen(endPoint);
        }
    }

    /// <summary>Its event loop.</summary>
    public EventLoop Loop { get; }

    /// <summary>The links; there once <see cref="AssembleAsync"/> ended.</summary>
    public LinkLoop Links => _links!;

    /// <summary>Puts the links together, once there are workers; while the loop runs.</summary>
    public Task AssembleAsync(
        LinkOptions options, Func<Loop, Host> makeHost, LinkEvents events, IReadOnlyList<Worker> workers,
        PathReports reports)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Loop.Post(
            _ =>
            {
                _links = new LinkLoop(
                    options, Loop, [_tcp], _listeners, makeHost(Loop), events, _log, workers, reports);
                done.SetResult();
            },
            null);
        return done.Task;
    }

    /// <summary>Accepts and dials until <paramref name="stop"/>.</summary>
    public void Run(CancellationToken stop)
    {
        Loop.Run(stop);
        _links?.Stop();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _links?.Dispose();
        _listeners.ForEach(listener => listener.Dispose());
        Loop.Dispose();
    }

    private void Listen(IPEndPoint endPoint)
    {
        try
        {
            _listeners.Add(Bind(endPoint));
        }
        catch (TcpException exception) when (_options.IsListenDefault
            && exception.SocketErrorCode
                is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
        {
            _log.Warn("listen_skipped", ("endpoint", endPoint), ("cause", "this machine has no such address family"));
        }
        catch (TcpException exception)
        {
            throw new ConfigurationException($"--listen: {exception.Message}"); // endpoint, cause and remedy
        }
    }

    private TcpListener Bind(IPEndPoint endPoint)
    {
        Multiaddr address = Multiaddr.FromTcp(endPoint);
        Instant deadline = Loop.Now + ListenPatience;
        while (true)
        {
            try
            {
                return _tcp.Listen(address);
            }
            catch (TcpException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                && Loop.Now < deadline)
            {
                Loop.RunOnce(ListenRetryInterval);
            }
        }
    }
}

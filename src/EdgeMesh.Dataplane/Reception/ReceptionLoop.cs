using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using TcpListener = EdgeMesh.Io.Sockets.TcpListener;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Io;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Logging;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// The thread that accepts, dials and authenticates, so that strangers and handshakes cost the packet loop nothing.
/// </summary>
/// <remarks>
/// What comes in here, in which order: a mesh view, connections that ended their handshake, what workers say of their
/// lanes; <see cref="PeerLinks"/> makes of it who is dialed and which connection is kept. Everything runs on its own
/// thread, except the methods that say so.
/// </remarks>
internal sealed class ReceptionLoop : IDisposable
{
    // A killed process's ring gives its listening socket back only after the process is gone, so that one who is
    // started at once would find the port in use.
    private static readonly TimeSpan ListenPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ListenRetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly List<TcpListener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly DataplaneOptions _options;
    private readonly Host _host;
    private readonly ConnectionEvents _events;
    private readonly StructuredLog _log;
    private readonly EventLoop _loop;
    private readonly Handshakes _handshakes;
    private readonly PeerLinks _links;
    private readonly int[] _stateCounts = new int[Enum.GetValues<LinkState>().Length]; // written by this thread

    /// <summary>Opens the listeners; must run on the thread that then calls <see cref="Run"/>.</summary>
    public ReceptionLoop(
        DataplaneOptions options, KeyPair identity, ConnectionEvents events, StructuredLog log,
        IReadOnlyList<Worker> workers)
    {
        _options = options;
        _events = events;
        _log = log;
        _loop = EventLoop.Open(options.Io);
        _loop.EndOfIteration = CountStates;
        _host = HostProfile.Make(identity, options, _loop, Lane.Protocol, _ => null);
        _handshakes = new Handshakes(_loop, _host, events);
        _links = new PeerLinks(_loop, new Dialer(_loop, _handshakes), _host.PeerId, events, log, workers, _stop.Token);
        Listen();
    }

    /// <summary>Where connections are accepted.</summary>
    public IReadOnlyList<IPEndPoint> ListenEndPoints => [.. _listeners.Select(listener => listener.LocalEndPoint)];

    /// <summary>Links in each <see cref="LinkState"/>. Any thread may read.</summary>
    public IReadOnlyList<int> StateCounts => _stateCounts;

    /// <summary>Accepts and dials until <paramref name="stop"/>.</summary>
    public void Run(CancellationToken stop)
    {
        _loop.Post(static state => ((ReceptionLoop)state!).StartAccepting(), this);
        _loop.Run(stop);
        _stop.Cancel();
    }

    /// <summary>Takes a new mesh view into use. Safe from every thread.</summary>
    public void Publish(MeshView view) => _loop.Post(_ => _links.Apply(view), null);

    /// <summary>Says that the peer's Hello is here. Safe from every thread.</summary>
    /// <param name="ticket">On which connection.</param>
    /// <param name="hello">What it says.</param>
    public void LaneReady(LaneTicket ticket, Hello hello) =>
        _loop.Post(_ => _links.HandleLaneReady(ticket, hello), null);

    /// <summary>Says that a connection ended. Safe from every thread.</summary>
    /// <param name="ticket">Which one.</param>
    /// <param name="reason">Why, for counters.</param>
    /// <param name="detail">Why, for people.</param>
    public void LaneEnded(LaneTicket ticket, ConnectionEvent reason, string detail) =>
        _loop.Post(_ => _links.HandleLaneEnded(ticket, reason, detail), null);

    /// <summary>What the links look like now. Safe from every thread.</summary>
    public Task<IReadOnlyList<LinkReport>> ReportAsync()
    {
        TaskCompletionSource<IReadOnlyList<LinkReport>> answer = new(
            TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => answer.TrySetResult(_links.Report()), null);
        return answer.Task;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _listeners.ForEach(listener => listener.Dispose());
        _handshakes.Dispose();
        _loop.Dispose();
        _stop.Dispose();
    }

    private bool CountStates()
    {
        Span<int> counts = stackalloc int[_stateCounts.Length];
        _links.CountStates(counts);
        counts.CopyTo(_stateCounts); // never through zero: a scrape may read meanwhile
        return false;
    }

    private void Listen()
    {
        foreach (IPEndPoint endPoint in _options.Listen)
        {
            try
            {
                _listeners.Add(Bind(endPoint));
            }
            catch (TcpException exception) when (_options.IsListenDefault && exception.SocketErrorCode
                is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
            {
                _log.Warn("listen_skipped", ("endpoint", endPoint),
                    ("cause", "this machine has no such address family"));
            }
            catch (TcpException exception)
            {
                throw new ConfigurationException($"--listen: {exception.Message}"); // endpoint, cause and remedy
            }
        }
    }

    private TcpListener Bind(IPEndPoint endPoint)
    {
        Instant deadline = _loop.Now + ListenPatience;
        while (true)
        {
            try
            {
                return TcpListener.Bind(_loop, endPoint);
            }
            catch (TcpException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse
                && _loop.Now < deadline)
            {
                _loop.RunOnce(ListenRetryInterval);
            }
        }
    }

    private void StartAccepting() => _listeners.ForEach(listener => _ = AcceptAsync(listener));

    private async Task AcceptAsync(TcpListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            TcpConnection connection;
            try
            {
                connection = (TcpConnection)await listener.AcceptAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (TcpException exception)
            {
                // Out of descriptors or memory: those waiting stay in the backlog until something is freed.
                _log.Warn("accept_failed", ("cause", exception.Message));
                await _loop.DelayAsync(TimeSpan.FromMilliseconds(100), _stop.Token);
                continue;
            }

            _ = WelcomeAsync(connection);
        }
    }

    private async Task WelcomeAsync(TcpConnection connection)
    {
        IPEndPoint from = connection.RemoteEndPoint;
        try
        {
            SecuredConnection secured = await _handshakes.UpgradeAsync(
                connection, isInitiator: false, null, id => _links.View.TryFindPeer(id, out PeerInfo? _), _stop.Token);
            _links.OfferAccepted(new Established(connection, secured));
        }
#pragma warning disable CA1031 // here a connection ends, whatever happened
        catch (Exception exception)
#pragma warning restore CA1031
        {
            CountFailure(exception);
            _log.Debug("handshake_failed", ("from", from), ("cause", exception.Message));
            connection.Abort();
            connection.Dispose();
        }
    }

    private void CountFailure(Exception exception)
    {
        if (exception is UpgradeException upgrade)
        {
            _events.Add(upgrade.Failure switch
            {
                UpgradeFailure.Stranger => ConnectionEvent.Stranger,
                UpgradeFailure.WrongPeer => ConnectionEvent.WrongPeer,
                UpgradeFailure.BadSignature => ConnectionEvent.BadSignature,
                UpgradeFailure.NoCommonProtocol or UpgradeFailure.NoCommonMuxer => ConnectionEvent.NoCommonProtocol,
                UpgradeFailure.Closed => ConnectionEvent.HandshakeClosed,
                _ => ConnectionEvent.HandshakeMalformed,
            });
        }
        else if (exception is not HandshakeEndedException)
        {
            _events.Add(ConnectionEvent.HandshakeClosed);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using TcpListener = EdgeMesh.Io.Sockets.TcpListener;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.ControlChannel;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// The thread that accepts, dials and authenticates, so that strangers and handshakes cost the packet loop nothing.
/// </summary>
/// <remarks>
/// Its order of work: a mesh view arrives -> links to new peers are dialed; a connection that ends its handshake is
/// offered (<see cref="Offer"/>): one of two is kept; the kept one goes to a worker; when the worker says that it
/// ended, the link is dialed again after a back-off. Everything here runs on its own thread, except the methods that
/// say so.
/// </remarks>
internal sealed class ReceptionLoop : IDisposable
{
    /// <summary>
    /// Two connections of the same pair that come within this time are both ends dialing at once; later, a second
    /// one means that the peer lost the first.
    /// </summary>
    public static readonly TimeSpan SimultaneousWindow = TimeSpan.FromSeconds(5);

    // A killed process's ring gives its listening socket back only after the process is gone, so that one who is
    // started at once would find the port in use.
    private static readonly TimeSpan ListenPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan ListenRetryInterval = TimeSpan.FromMilliseconds(5);

    private readonly Dictionary<int, PeerLink> _links = [];
    private readonly List<TcpListener> _listeners = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly DataplaneOptions _options;
    private readonly Host _host;
    private readonly ConnectionEvents _events;
    private readonly StructuredLog _log;
    private readonly IReadOnlyList<Worker> _workers;
    private readonly EventLoop _loop;
    private readonly Handshakes _handshakes;
    private readonly Dialer _dialer;
    private readonly int[] _stateCounts = new int[Enum.GetValues<LinkState>().Length]; // written by this thread
    private MeshView _view = MeshView.Empty;
    private long _tickets;

    /// <summary>Opens the listeners; must run on the thread that then calls <see cref="Run"/>.</summary>
    public ReceptionLoop(
        DataplaneOptions options, KeyPair identity, ConnectionEvents events, StructuredLog log,
        IReadOnlyList<Worker> workers)
    {
        _options = options;
        _events = events;
        _log = log;
        _workers = workers;
        _loop = EventLoop.Open(options.Io);
        _loop.EndOfIteration = CountStates;
        _host = HostProfile.Make(identity, options, _loop, Lane.Protocol, _ => null);
        _handshakes = new Handshakes(_loop, _host, events);
        _dialer = new Dialer(_loop, _handshakes);
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
    public void Publish(MeshView view) => _loop.Post(_ => Apply(view), null);

    /// <summary>Says that a connection ended. Safe from every thread.</summary>
    /// <param name="ticket">Which one.</param>
    /// <param name="reason">Why, for counters.</param>
    /// <param name="detail">Why, for people.</param>
    public void LaneEnded(LaneTicket ticket, ConnectionEvent reason, string detail) =>
        _loop.Post(_ => HandleLaneEnded(ticket, reason, detail), null);

    /// <summary>What the links look like now. Safe from every thread.</summary>
    public Task<IReadOnlyList<LinkReport>> ReportAsync()
    {
        TaskCompletionSource<IReadOnlyList<LinkReport>> answer = new(
            TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(
            _ => answer.TrySetResult(
            [
                .. _links.Values.Select(link => new LinkReport(
                    link.Info, link.State, link.Lane, link.LastError, link.Lane is null
                        ? TimeSpan.Zero : _loop.Now - link.ConnectedAt)),
            ]),
            null);
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

    private void CountStates()
    {
        Span<int> counts = stackalloc int[_stateCounts.Length];
        foreach (PeerLink link in _links.Values)
        {
            counts[(int)link.State]++;
        }

        counts.CopyTo(_stateCounts); // never through zero: a scrape may read meanwhile
    }

    private void Listen()
    {
        foreach (IPEndPoint endPoint in _options.Listen)
        {
            try
            {
                _listeners.Add(Bind(endPoint));
            }
            catch (SocketException exception) when (_options.IsListenDefault && exception.SocketErrorCode
                is SocketError.AddressFamilyNotSupported or SocketError.AddressNotAvailable)
            {
                _log.Warn("listen_skipped", ("endpoint", endPoint),
                    ("cause", "this machine has no such address family"));
            }
            catch (SocketException exception)
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
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse
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
                connection = await listener.AcceptAsync(_stop.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }
            catch (SocketException exception)
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
                connection, isInitiator: false, null, id => _view.TryFindPeer(id, out PeerInfo? _), _stop.Token);
            Offer(new Established(connection, secured), weDialed: false);
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

    private void Apply(MeshView view)
    {
        _view = view;
        foreach (PeerLink gone in _links.Values.Where(
            link => view.PeerAt(link.Info.Index)?.Id.Equals(link.Info.Id) != true).ToList())
        {
            Remove(gone);
        }

        foreach (PeerInfo peer in view.Peers)
        {
            if (_links.TryGetValue(peer.Index, out PeerLink? link))
            {
                bool moved = !link.Info.Addresses.SequenceEqual(peer.Addresses, StringComparer.Ordinal);
                link.Info = peer;
                if (moved && link.Lane is null)
                {
                    link.Failures = 0;
                    link.Dial?.Cancel();
                    StartDial(link);
                }
            }
            else
            {
                Add(peer);
            }
        }
    }

    private void Add(PeerInfo peer)
    {
        LoopTimer retry = _loop.CreateTimer(
            _ =>
            {
                if (_links.TryGetValue(peer.Index, out PeerLink? due))
                {
                    StartDial(due);
                }
            },
            null);
        PeerLink link = new(peer, retry);
        _links.Add(peer.Index, link);
        StartDial(link);
    }

    private void Remove(PeerLink link)
    {
        _links.Remove(link.Info.Index);
        link.Retry.Cancel();
        link.Dial?.Cancel();
        if (link.Lane is { } lane)
        {
            link.Lane = null;
            _workers[lane.Worker].CloseLane(lane, ConnectionEvent.Removed);
            _log.Info("peer_removed", ("peer", link.Info.Name));
        }
    }

    private void StartDial(PeerLink link)
    {
        link.Retry.Cancel();
        if (link.Lane is not null || link.Dial is not null || !_links.ContainsValue(link))
        {
            return;
        }

        if (link.Info.Addresses.Count == 0)
        {
            link.State = LinkState.NoAddress;
            return;
        }

        _ = DialAsync(link);
    }

    private async Task DialAsync(PeerLink link)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        link.Dial = dial;
        link.State = LinkState.Connecting;
        try
        {
            Established established = await _dialer.DialAsync(link.Info, dial.Token);
            link.Dial = null;
            Offer(established, weDialed: true);
        }
        catch (OperationCanceledException)
        {
            link.Dial = null;
        }
#pragma warning disable CA1031 // here a dial ends, whatever happened; the next one follows
        catch (Exception exception)
#pragma warning restore CA1031
        {
            link.Dial = null;
            link.LastError = exception.Message;
            _events.Add(ConnectionEvent.DialFailed);
            _log.Debug("dial_failed", ("peer", link.Info.Name), ("cause", exception.Message));
        }

        if (link.Lane is null)
        {
            ScheduleRetry(link);
        }
    }

    private void ScheduleRetry(PeerLink link)
    {
        if (_stop.IsCancellationRequested || !_links.ContainsValue(link))
        {
            return;
        }

        link.Failures++;
        link.State = link.Info.Addresses.Count == 0 ? LinkState.NoAddress : LinkState.Backoff;
        link.Retry.Schedule(_loop.Now + Backoff.WaitAfter(link.Failures, Random.Shared.NextDouble()));
    }

    private void Offer(Established established, bool weDialed)
    {
        PeerId id = established.Secured.RemotePeer;
        if (!_view.TryFindPeer(id, out PeerInfo? peer) || !_links.TryGetValue(peer.Index, out PeerLink? link))
        {
            _events.Add(ConnectionEvent.Stranger); // it left the mesh while its handshake ran
            established.Abandon();
            return;
        }

        if (link.Lane is { } old)
        {
            bool isSimultaneous = _loop.Now - link.ConnectedAt < SimultaneousWindow;
            if (isSimultaneous && old.WeDialed != weDialed && !IsPreferred(id, weDialed))
            {
                _events.Add(ConnectionEvent.Replaced);
                established.Abandon();
                return;
            }

            _workers[old.Worker].CloseLane(old, ConnectionEvent.Replaced);
        }

        if (!weDialed && IsPreferred(id, weDialed))
        {
            link.Dial?.Cancel(); // the far end's connection would win anyway
        }

        LaneTicket ticket = new(++_tickets, link.Info, peer.Index % _workers.Count, weDialed, established.EndPoint);
        link.Lane = ticket;
        link.State = LinkState.Connected;
        link.ConnectedAt = _loop.Now;
        link.Retry.Cancel();
        _events.Add(weDialed ? ConnectionEvent.Dialed : ConnectionEvent.Accepted);
        _log.Info("peer_connected", ("peer", peer.Name), ("endpoint", ticket.EndPoint), ("dialed", weDialed));
        _workers[ticket.Worker].Adopt(ticket, established.Connection.Detach(), established.Secured);
    }

    /// <summary>Of two connections that crossed, the one dialed by the smaller peer id is kept, by both ends.</summary>
    private bool IsPreferred(PeerId remote, bool weDialed) => weDialed == (_host.PeerId.CompareTo(remote) < 0);

    private void HandleLaneEnded(LaneTicket ticket, ConnectionEvent reason, string detail)
    {
        _events.Add(reason);
        if (!_links.TryGetValue(ticket.Peer.Index, out PeerLink? link) || link.Lane?.Number != ticket.Number)
        {
            return; // replaced or removed before: its successor is in use already
        }

        link.Lane = null;
        link.LastError = detail;
        link.Failures = _loop.Now - link.ConnectedAt > SimultaneousWindow ? 0 : link.Failures;
        _log.Info("peer_disconnected", ("peer", link.Info.Name), ("reason", ConnectionEvents.LabelOf(reason)),
            ("cause", detail));
        ScheduleRetry(link);
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Logging;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// The loop that accepts, dials and authenticates, so that strangers and handshakes cost the packet loops nothing.
/// </summary>
/// <remarks>
/// Three things come in here: a mesh view, connections whose handshake is over, and what workers report of their paths.
/// <see cref="LinkTable"/> makes of them who is dialed and which connection is kept. Everything runs on its own loop's
/// thread, except the methods that say so.
/// </remarks>
public sealed class LinkLoop : IDisposable
{
    /// <summary>Pause after an accept that failed for lack of descriptors or memory.</summary>
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly IReadOnlyList<UnderlayListener> _listeners;
    private readonly Loop _loop;
    private readonly LinkEvents _events;
    private readonly StructuredLog _log;
    private readonly Handshakes _handshakes;
    private readonly LinkTable _links;
    private readonly int[] _stateCounts = new int[Enum.GetValues<LinkState>().Length]; // written by this thread

    /// <summary>Makes the links of a node; none is dialed before there is a mesh view.</summary>
    /// <param name="options">How to reach others.</param>
    /// <param name="loop">The loop that everything runs on.</param>
    /// <param name="transports">What can dial, best first.</param>
    /// <param name="listeners">Where connections come in; disposed with the links.</param>
    /// <param name="host">Knows how to prove who we are.</param>
    /// <param name="events">Where it is counted what happens to connections.</param>
    /// <param name="log">Where it is said.</param>
    /// <param name="workers">Who gets the connections, by index.</param>
    /// <param name="reports">What workers report.</param>
    public LinkLoop(
        LinkOptions options,
        Loop loop,
        IReadOnlyList<Transport> transports,
        IReadOnlyList<UnderlayListener> listeners,
        Host host,
        LinkEvents events,
        StructuredLog log,
        IReadOnlyList<Worker> workers,
        PathReports reports)
    {
        _loop = loop;
        _listeners = listeners;
        _events = events;
        _log = log;
        _handshakes = new Handshakes(loop, host, events, options.HandshakesMax);
        Dialer dialer = new(loop, transports, _handshakes, new DialSlots(options.AttemptsMax));
        _links = new LinkTable(loop, dialer, options, events, log, workers, _stop.Token);
        reports.HandleBy(_links.Handle);
        loop.EndOfIteration = CountStates;
    }

    /// <summary>Where connections are accepted. Any thread may read.</summary>
    public IEnumerable<Multiaddr> ListenAddresses => _listeners.Select(listener => listener.LocalAddress);

    /// <summary>Links in each <see cref="LinkState"/>. Any thread may read.</summary>
    public IReadOnlyList<int> StateCounts => _stateCounts;

    /// <summary>Begins to accept. Safe from every thread.</summary>
    public void Start() => _loop.Post(
        _ =>
        {
            foreach (UnderlayListener listener in _listeners)
            {
                _ = AcceptAsync(listener);
            }
        },
        null);

    /// <summary>Ends dials and accepts, on the loop's thread.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Takes a new mesh view into use. Safe from every thread.</summary>
    public void Publish(MeshView view) => _loop.Post(_ => _links.Apply(view), null);

    /// <summary>Makes a new connection to a peer and moves its packets there. Safe from every thread.</summary>
    /// <returns>Where the new connection leads, once the old one is closed.</returns>
    /// <exception cref="InvalidOperationException">There is no new one; the message says why.</exception>
    public async Task<string> ReconnectAsync(int peerIndex, CancellationToken cancellation)
    {
        TaskCompletionSource<string> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Post(_ => _links.Reconnect(peerIndex, answer), null);
        try
        {
            return await answer.Task.WaitAsync(cancellation);
        }
        catch (DialException exception)
        {
            throw new InvalidOperationException(exception.Message, exception);
        }
        finally
        {
            _loop.Post(_ => _links.ForgetReconnect(peerIndex, answer), null);
        }
    }

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
        foreach (UnderlayListener listener in _listeners)
        {
            listener.Dispose();
        }

        _handshakes.Dispose();
        _stop.Dispose();
    }

    private bool CountStates()
    {
        Span<int> counts = stackalloc int[_stateCounts.Length];
        counts.Clear();
        _links.CountStates(counts);
        counts.CopyTo(_stateCounts); // never through zero: a scrape may read meanwhile
        return false;
    }

    private async Task AcceptAsync(UnderlayListener listener)
    {
        while (!_stop.IsCancellationRequested)
        {
            UnderlayConnection connection;
            try
            {
                connection = await listener.AcceptAsync(_stop.Token);
            }
            catch (Exception exception) when (exception is OperationCanceledException
                || (exception is IOException && _stop.IsCancellationRequested))
            {
                return;
            }
            catch (IOException exception)
            {
                // Out of descriptors or memory: those waiting stay in the backlog until something is freed.
                _log.Warn("accept_failed", ("cause", exception.Message));
                if (!await TryPauseAsync())
                {
                    return;
                }

                continue;
            }

            _ = WelcomeAsync(connection);
        }
    }

    private async Task<bool> TryPauseAsync()
    {
        try
        {
            await _loop.DelayAsync(AcceptPause, _stop.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task WelcomeAsync(UnderlayConnection connection)
    {
        Multiaddr from = connection.RemoteAddress;
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
                UpgradeFailure.Stranger => LinkEvent.Stranger,
                UpgradeFailure.WrongPeer => LinkEvent.WrongPeer,
                UpgradeFailure.BadSignature => LinkEvent.BadSignature,
                UpgradeFailure.NoCommonProtocol or UpgradeFailure.NoCommonMuxer => LinkEvent.NoCommonProtocol,
                UpgradeFailure.Closed => LinkEvent.HandshakeClosed,
                _ => LinkEvent.HandshakeMalformed,
            });
        }
        else if (exception is not HandshakeEndedException)
        {
            _events.Add(LinkEvent.HandshakeClosed);
        }
    }
}

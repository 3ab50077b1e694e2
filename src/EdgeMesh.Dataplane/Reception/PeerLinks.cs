using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Io;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// The links to all peers of the mesh: dials them, and gives the connections that are kept to workers.
/// </summary>
/// <remarks>
/// What is kept, <see cref="LaneSet"/> decides. Lane 0 is dialed while it is missing; the further lanes one after the
/// other by the end that dialed lane 0, to the address where that one led. Each has a back-off of its own, so that a
/// further lane that never comes costs lane 0 nothing. Runs on the reception's thread only.
/// </remarks>
internal sealed class PeerLinks(
    EventLoop loop,
    Dialer dialer,
    PeerId ownId,
    ConnectionEvents events,
    StructuredLog log,
    IReadOnlyList<Worker> workers,
    CancellationToken stop)
{
    private readonly Dictionary<int, PeerLink> _links = [];
    private readonly List<LaneTicket> _closed = [];
    private long _tickets;

    /// <summary>The mesh view in use.</summary>
    public MeshView View { get; private set; } = MeshView.Empty;

    /// <summary>Takes a new mesh view into use.</summary>
    public void Apply(MeshView view)
    {
        View = view;
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
                if (moved && link.Lanes.IsFirstMissing)
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

    /// <summary>A connection that we accepted has proven its peer.</summary>
    public void OfferAccepted(Established established) => Offer(established, weDialed: false, LaneSet.IndexUnknown);

    /// <summary>The peer's Hello on a lane is here.</summary>
    public void HandleLaneReady(LaneTicket ticket, Hello hello)
    {
        if (!_links.TryGetValue(ticket.Peer.Index, out PeerLink? link) || !link.Lanes.Contains(ticket.Number))
        {
            return; // it ended meanwhile
        }

        if (!link.Lanes.Settle(ticket.Number, hello, loop.Now, _closed))
        {
            workers[ticket.Worker].CloseLane(ticket, ConnectionEvent.ProtocolError);
        }

        CloseReplaced();
        if (link.Lanes.Primary is { Index: 0, Ticket.WeDialed: false } && !IsPreferred(link.Info.Id))
        {
            link.Dial?.Cancel(); // the far end's connection would win anyway
        }

        if (link.Lanes.Primary is { Index: 0 } first && first.Ticket.Number == ticket.Number)
        {
            link.LaneFailures = 0; // of another lane 0, to another address perhaps
            link.LaneRetry.Cancel();
        }

        ScheduleRetry(link);
        DialMissing(link);
    }

    /// <summary>A lane is gone.</summary>
    public void HandleLaneEnded(LaneTicket ticket, ConnectionEvent reason, string detail)
    {
        events.Add(reason);
        if (!_links.TryGetValue(ticket.Peer.Index, out PeerLink? link)
            || link.Lanes.Remove(ticket.Number) is not { } ended)
        {
            return; // replaced or removed before: its successor is in use already
        }

        link.LastError = detail;
        bool hasStayed = loop.Now - ended.Since > LaneSet.SimultaneousWindow;
        if (ended.Index > 0)
        {
            link.LaneFailures = hasStayed ? 0 : link.LaneFailures;
        }
        else
        {
            link.Failures = hasStayed ? 0 : link.Failures;
        }

        log.Info(link.Lanes.Lanes.Count == 0 ? "peer_disconnected" : "lane_ended", ("peer", link.Info.Name),
            ("lane", ended.Index), ("reason", ConnectionEvents.LabelOf(reason)), ("cause", detail));
        ScheduleRetry(link);
        ScheduleLaneRetry(link);
    }

    /// <summary>What the links look like now.</summary>
    public IReadOnlyList<LinkReport> Report() =>
    [
        .. _links.Values.Select(link => new LinkReport(
            link.Info,
            link.State,
            link.Lanes.Primary?.Ticket,
            link.Lanes.Lanes.Count(lane => lane.IsReady),
            link.LastError,
            link.Lanes.Lanes.Count == 0 ? TimeSpan.Zero : loop.Now - link.Lanes.Lanes[0].Since)),
    ];

    /// <summary>Adds each link to the count of its <see cref="LinkState"/>.</summary>
    public void CountStates(Span<int> counts)
    {
        foreach (PeerLink link in _links.Values)
        {
            counts[(int)link.State]++;
        }
    }

    private void Add(PeerInfo peer)
    {
        LaneSet lanes = new(workers.Count, peer.Index % workers.Count, IsPreferred(peer.Id));
        PeerLink link = new(peer, lanes, Timer(peer.Index, StartDial), Timer(peer.Index, DialMissing));
        _links.Add(peer.Index, link);
        StartDial(link);
    }

    private LoopTimer Timer(int peerIndex, Action<PeerLink> due) => loop.CreateTimer(
        _ =>
        {
            if (_links.TryGetValue(peerIndex, out PeerLink? link))
            {
                due(link);
            }
        },
        null);

    private void Remove(PeerLink link)
    {
        _links.Remove(link.Info.Index);
        link.Retry.Cancel();
        link.LaneRetry.Cancel();
        link.Dial?.Cancel();
        link.LaneDial?.Cancel();
        if (link.Lanes.Lanes.Count > 0)
        {
            foreach (LaneEntry lane in link.Lanes.Lanes)
            {
                workers[lane.Ticket.Worker].CloseLane(lane.Ticket, ConnectionEvent.Removed);
            }

            log.Info("peer_removed", ("peer", link.Info.Name));
        }
    }

    private void StartDial(PeerLink link)
    {
        link.Retry.Cancel();
        if (!link.Lanes.IsFirstMissing || link.Dial is not null || !_links.ContainsValue(link))
        {
            return;
        }

        if (link.Info.Addresses.Count > 0)
        {
            _ = DialFirstAsync(link);
        }

        UpdateState(link);
    }

    private async Task DialFirstAsync(PeerLink link)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(stop);
        link.Dial = dial;
        Established? established = await DialAsync(link, link.Info, dial.Token);
        link.Dial = null;
        if (established is not null)
        {
            Offer(established, weDialed: true, index: 0);
        }

        ScheduleRetry(link);
    }

    private void DialMissing(PeerLink link)
    {
        if (link.LaneDial is null && link.LaneRetry.Due == Instant.Never && link.Lanes.TryFindMissing(out int index))
        {
            _ = DialLaneAsync(link, index);
        }
    }

    private async Task DialLaneAsync(PeerLink link, int index)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(stop);
        link.LaneDial = dial;
        PeerInfo there = link.Info with
        {
            Addresses = [Multiaddr.FromTcp(link.Lanes.Primary!.Ticket.EndPoint).ToString()],
        };
        Established? established = await DialAsync(link, there, dial.Token);
        link.LaneDial = null;
        if (established is not null && Offer(established, weDialed: true, index))
        {
            DialMissing(link);
        }
        else
        {
            ScheduleLaneRetry(link);
        }
    }

    private async Task<Established?> DialAsync(PeerLink link, PeerInfo peer, CancellationToken cancellation)
    {
        try
        {
            return await dialer.DialAsync(peer, cancellation);
        }
        catch (OperationCanceledException)
        {
            return null;
        }
#pragma warning disable CA1031 // here a dial ends, whatever happened; the next one follows
        catch (Exception exception)
#pragma warning restore CA1031
        {
            link.LastError = exception.Message;
            events.Add(ConnectionEvent.DialFailed);
            log.Debug("dial_failed", ("peer", link.Info.Name), ("cause", exception.Message));
            return null;
        }
    }

    private void ScheduleRetry(PeerLink link)
    {
        if (link.Lanes.IsFirstMissing && link.Dial is null && link.Retry.Due == Instant.Never
            && !stop.IsCancellationRequested && _links.ContainsValue(link))
        {
            link.Failures++;
            link.Retry.Schedule(loop.Now + Backoff.WaitAfter(link.Failures, Random.Shared.NextDouble()));
        }

        UpdateState(link);
    }

    private void ScheduleLaneRetry(PeerLink link)
    {
        if (link.LaneDial is null && !stop.IsCancellationRequested && _links.ContainsValue(link)
            && link.Lanes.TryFindMissing(out _))
        {
            link.LaneFailures++;
            link.LaneRetry.Schedule(loop.Now + Backoff.WaitAfter(link.LaneFailures, Random.Shared.NextDouble()));
        }
    }

    private bool Offer(Established established, bool weDialed, int index)
    {
        PeerId id = established.Secured.RemotePeer;
        if (!View.TryFindPeer(id, out PeerInfo? peer) || !_links.TryGetValue(peer.Index, out PeerLink? link))
        {
            events.Add(ConnectionEvent.Stranger); // it left the mesh while its handshake ran
            established.Abandon();
            return false;
        }

        int? admitted = link.Lanes.Admit(weDialed, index, loop.Now, _closed);
        CloseReplaced();
        if (admitted is not { } known)
        {
            events.Add(ConnectionEvent.Replaced);
            established.Abandon();
            return false;
        }

        LaneTicket ticket = new(
            ++_tickets, link.Info, link.Lanes.PickWorker(), weDialed ? index : 0, weDialed, established.EndPoint);
        bool isFirst = link.Lanes.Lanes.Count == 0;
        link.Lanes.Add(ticket, known, loop.Now);
        UpdateState(link);
        if (!link.Lanes.IsFirstMissing)
        {
            link.Retry.Cancel();
        }

        if (known == 0 && !weDialed && !IsPreferred(id))
        {
            link.Dial?.Cancel(); // the far end's connection would win anyway
        }

        events.Add(weDialed ? ConnectionEvent.Dialed : ConnectionEvent.Accepted);
        log.Info(isFirst ? "peer_connected" : "lane_connected", ("peer", peer.Name), ("endpoint", ticket.EndPoint),
            ("dialed", weDialed), ("worker", ticket.Worker));
        workers[ticket.Worker].Adopt(ticket, established.Connection.Detach(), established.Secured);
        return true;
    }

    private void CloseReplaced()
    {
        foreach (LaneTicket ticket in _closed)
        {
            workers[ticket.Worker].CloseLane(ticket, ConnectionEvent.Replaced);
        }

        _closed.Clear();
    }

    // While a lane is there, the peer is connected, whatever happens to the others.
    private static void UpdateState(PeerLink link) => link.State =
        link.Lanes.Lanes.Count > 0 ? LinkState.Connected
        : link.Dial is not null ? LinkState.Connecting
        : link.Info.Addresses.Count > 0 ? LinkState.Backoff : LinkState.NoAddress;

    /// <summary>Of two connections that crossed, the one dialed by the smaller peer id is kept, by both ends.</summary>
    /// <returns>Whether that is ours.</returns>
    private bool IsPreferred(PeerId remote) => ownId.CompareTo(remote) < 0;
}

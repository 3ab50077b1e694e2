using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// The links to all peers of the mesh: dials them, and gives connections to workers.
/// </summary>
/// <remarks>
/// What is kept, <see cref="PathSet"/> decides. Lane 0 is dialed while it is missing; the further lanes one after the
/// other by the end that dialed lane 0, to the address where that one led. Each has a back-off of its own, so that a
/// further lane that never comes costs lane 0 nothing. Runs on the links' thread only.
/// </remarks>
internal sealed class LinkTable(
    Loop loop,
    Dialer dialer,
    LinkOptions options,
    LinkEvents events,
    StructuredLog log,
    IReadOnlyList<Worker> workers,
    CancellationToken stop)
{
    private readonly Dictionary<int, Link> _links = [];
    private readonly List<PathOrder> _orders = [];
    private long _numbers;

    /// <summary>The mesh view in use.</summary>
    public MeshView View { get; private set; } = MeshView.Empty;

    /// <summary>Takes a new mesh view into use.</summary>
    public void Apply(MeshView view)
    {
        View = view;
        foreach (Link gone in _links.Values.Where(
            link => view.PeerAt(link.Info.Index)?.Id.Equals(link.Info.Id) != true).ToList())
        {
            Remove(gone);
        }

        foreach (PeerInfo peer in view.Peers)
        {
            if (!_links.TryGetValue(peer.Index, out Link? link))
            {
                Add(peer);
                continue;
            }

            bool isMoved = !link.Info.Addresses.SequenceEqual(peer.Addresses);
            link.Info = peer;
            if (isMoved && link.Paths.IsFirstMissing)
            {
                link.Failures = 0;
                link.Dial?.Cancel();
                StartDial(link);
            }
        }
    }

    /// <summary>A connection that we accepted has proven its peer.</summary>
    public void OfferAccepted(Established established) => Offer(established, weDialed: false, PathSet.LaneUnknown);

    /// <summary>Something happened to a path at its worker.</summary>
    public void Handle(PathReport report)
    {
        if (report.Kind == PathReportKind.Ended)
        {
            events.Add(report.Ending);
        }

        if (!_links.TryGetValue(report.Path.Peer.Index, out Link? link)
            || !link.Info.Id.Equals(report.Path.Peer.Id))
        {
            return; // the peer left the mesh
        }

        switch (report.Kind)
        {
            case PathReportKind.HelloCame:
                link.Paths.HandleHello(report.Path.Number, report.Hello!, _orders);
                break;
            case PathReportKind.Carried:
                HandleCarried(link, report);
                break;
            case PathReportKind.Stalled:
                link.Paths.HandleStalled(report.Path.Number);
                break;
            case PathReportKind.PeerDrains:
                link.Paths.HandlePeerDrains(report.Path.Number);
                break;
            default:
                HandleEnded(link, report);
                break;
        }

        Settle(link);
    }

    /// <summary>Makes a new connection to a peer and moves its packets there.</summary>
    /// <returns>Where the new connection leads, once it took the place of the old one; or why it didn't.</returns>
    /// <param name="peerIndex">The peer.</param>
    /// <param name="answer">Gets the address; fails with a <see cref="DialException"/>.</param>
    public void Reconnect(int peerIndex, TaskCompletionSource<string> answer)
    {
        if (!_links.TryGetValue(peerIndex, out Link? link) || link.Reconnecting is not null)
        {
            answer.TrySetException(new DialException(
                new InvalidOperationException(link is null
                    ? "the peer left the mesh document"
                    : "a new connection to this peer is being made already; wait for it")));
            return;
        }

        link.Reconnecting = answer;
        link.ReconnectPath = 0;
        link.Failures = 0;
        link.Dial?.Cancel();
        _ = DialFirstAsync(link);
    }

    /// <summary>What the links look like now.</summary>
    public IReadOnlyList<LinkReport> Report() => [.. _links.Values.Select(Report)];

    /// <summary>Adds each link to the count of its <see cref="LinkState"/>.</summary>
    public void CountStates(Span<int> counts)
    {
        foreach (Link link in _links.Values)
        {
            counts[(int)link.State]++;
        }
    }

    private LinkReport Report(Link link)
    {
        Path? primary = link.Paths.Primary;
        LinkState state = link.State;
        bool isConnected = state is LinkState.Connected or LinkState.Stalled;
        return new LinkReport(
            link.Info,
            state,
            primary?.Info,
            link.Paths.Paths.Count(path => path.State == PathState.Ready),
            link.LastError,
            link.LastEnding,
            isConnected && link.ConnectedSince != Instant.Never ? loop.Now - link.ConnectedSince : TimeSpan.Zero,
            primary?.RoundTrip ?? TimeSpan.Zero);
    }

    private void HandleCarried(Link link, PathReport report)
    {
        bool wasReady = link.Paths.Find(report.Path.Number)?.State == PathState.Ready;
        link.Paths.HandleCarried(report.Path.Number, report.RoundTrip, loop.Now, _orders);
        if (wasReady || link.Paths.Find(report.Path.Number) is not { State: PathState.Ready } path)
        {
            return;
        }

        bool isFirst = link.Paths.Paths.Count(other => other.State == PathState.Ready) == 1;
        link.ConnectedSince = isFirst ? loop.Now : link.ConnectedSince;
        log.Info(isFirst ? "peer_connected" : "path_ready", ("peer", link.Info.Name), ("lane", path.LaneIndex),
            ("address", path.Info.RemoteAddress), ("dialed", path.Info.WeDialed), ("worker", path.Info.Worker),
            ("rtt_ms", path.RoundTrip.TotalMilliseconds));
        if (path is { LaneIndex: 0, Info.WeDialed: false } && !IsDecider(link.Info.Id) && link.Reconnecting is null)
        {
            link.Dial?.Cancel(); // the far end's connection would stay anyway
        }

        if (path.LaneIndex == 0)
        {
            link.LaneFailures = 0; // of another lane 0, to another address perhaps
            link.LaneRetry.Cancel();
        }
    }

    private void HandleEnded(Link link, PathReport report)
    {
        if (link.Paths.Remove(report.Path.Number) is not { } ended)
        {
            return; // the set closed it
        }

        link.LastEnding = report.Ending;
        bool isReplaced = report.Ending == PathEnding.Replaced;
        link.LastError = isReplaced ? link.LastError : report.Detail;
        bool hasStayed = loop.Now - ended.Since > PathSet.SimultaneousWindow;
        if (ended.LaneIndex > 0)
        {
            link.LaneFailures = hasStayed ? 0 : link.LaneFailures;
        }
        else
        {
            link.Failures = hasStayed ? 0 : link.Failures;
        }

        bool isLast = !link.Paths.Paths.Any(path => path.State == PathState.Ready);
        link.ConnectedSince = isLast ? Instant.Never : link.ConnectedSince;
        log.Info(isLast ? "peer_disconnected" : "path_ended", ("peer", link.Info.Name), ("lane", ended.LaneIndex),
            ("reason", PathEndings.LabelOf(report.Ending)), ("cause", report.Detail));
    }

    // After anything that may have changed the paths: orders go to workers, missing lanes are dialed.
    private void Settle(Link link)
    {
        foreach (PathOrder order in _orders)
        {
            workers[order.Path.Worker].Execute(order);
        }

        _orders.Clear();
        SchedulePathTimer(link);
        AnswerReconnect(link);
        if (!link.Paths.IsFirstMissing)
        {
            link.Retry.Cancel();
        }

        ScheduleRetry(link);
        DialMissing(link);
    }

    private void SchedulePathTimer(Link link)
    {
        Instant next = link.Paths.NextTimeout;
        if (next == Instant.Never)
        {
            link.PathTimer.Cancel();
        }
        else if (next != link.PathTimer.Due)
        {
            link.PathTimer.Schedule(next);
        }
    }

    private void AnswerReconnect(Link link)
    {
        if (link.Reconnecting is not { } answer || link.ReconnectPath == 0)
        {
            return;
        }

        Path? made = link.Paths.Find(link.ReconnectPath);
        bool isAlone = made is { State: PathState.Ready }
            && link.Paths.Paths.All(path => ReferenceEquals(path, made) || path.LaneIndex != made.LaneIndex);
        if (isAlone)
        {
            link.Reconnecting = null;
            answer.TrySetResult(made!.Info.RemoteAddress.ToString());
        }
        else if (made is null or { State: PathState.Draining })
        {
            FailReconnect(link, "the new connection did not stay: " + link.LastError);
        }
    }

    private static void FailReconnect(Link link, string why)
    {
        TaskCompletionSource<string>? answer = link.Reconnecting;
        link.Reconnecting = null;
        answer?.TrySetException(new DialException(new InvalidOperationException(why)));
    }

    private void Add(PeerInfo peer)
    {
        PathSet paths = new(workers.Count, peer.Index % workers.Count, IsDecider(peer.Id));
        Link link = new(
            peer, paths, Timer(peer.Index, StartDial), Timer(peer.Index, DialMissing), Timer(peer.Index, HandleTimeout));
        _links.Add(peer.Index, link);
        StartDial(link);
    }

    private void HandleTimeout(Link link)
    {
        link.Paths.HandleTimeout(loop.Now, _orders);
        Settle(link);
    }

    private LoopTimer Timer(int peerIndex, Action<Link> due) => loop.CreateTimer(
        _ =>
        {
            if (_links.TryGetValue(peerIndex, out Link? link))
            {
                due(link);
            }
        },
        null);

    private void Remove(Link link)
    {
        _links.Remove(link.Info.Index);
        link.Retry.Cancel();
        link.LaneRetry.Cancel();
        link.PathTimer.Cancel();
        link.Dial?.Cancel();
        link.LaneDial?.Cancel();
        FailReconnect(link, "the peer left the mesh document");
        foreach (Path path in link.Paths.Paths)
        {
            workers[path.Info.Worker].Execute(new PathOrder(PathOrderKind.Close, path.Info, PathEnding.Removed));
        }

        if (link.Paths.Paths.Count > 0)
        {
            log.Info("peer_removed", ("peer", link.Info.Name));
        }
    }

    private void StartDial(Link link)
    {
        link.Retry.Cancel();
        if (link.Paths.IsFirstMissing && link.Dial is null && link.Info.Addresses.Count > 0 && IsCurrent(link))
        {
            _ = DialFirstAsync(link);
        }
    }

    private async Task DialFirstAsync(Link link)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(stop);
        link.Dial = dial;
        bool isWished = link.Reconnecting is not null;
        Established? established = await DialAsync(link, link.Info.Addresses, dial.Token);
        link.Dial = ReferenceEquals(link.Dial, dial) ? null : link.Dial;
        bool isTaken = established is not null && Offer(established, weDialed: true, lane: 0);
        if (isWished && link.Reconnecting is not null)
        {
            if (isTaken)
            {
                link.ReconnectPath = _numbers;
            }
            else
            {
                FailReconnect(link, "no new connection could be made: " + link.LastError);
            }
        }

        ScheduleRetry(link);
    }

    private void DialMissing(Link link)
    {
        if (link.LaneDial is null && link.LaneRetry.Due == Instant.Never && link.Paths.TryFindMissing(out int lane))
        {
            _ = DialLaneAsync(link, lane);
        }
    }

    private async Task DialLaneAsync(Link link, int lane)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(stop);
        link.LaneDial = dial;
        Established? established = await DialAsync(link, [link.Paths.Primary!.Info.RemoteAddress], dial.Token);
        link.LaneDial = null;
        if (established is not null && Offer(established, weDialed: true, lane))
        {
            DialMissing(link);
        }
        else
        {
            ScheduleLaneRetry(link);
        }
    }

    private async Task<Established?> DialAsync(
        Link link, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellation)
    {
        try
        {
            return await dialer.DialAsync(link.Info, addresses, hasFailed: link.Failures > 0, cancellation);
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
            events.Add(LinkEvent.DialFailed);
            log.Debug("dial_failed", ("peer", link.Info.Name), ("cause", exception.Message));
            return null;
        }
    }

    private void ScheduleRetry(Link link)
    {
        if (link.Paths.IsFirstMissing && link.Dial is null && link.Retry.Due == Instant.Never
            && !stop.IsCancellationRequested && IsCurrent(link))
        {
            link.Failures++;
            link.Retry.Schedule(loop.Now + Backoff.WaitAfter(link.Failures, options.Random.NextDouble()));
        }
    }

    private void ScheduleLaneRetry(Link link)
    {
        if (link.LaneDial is null && !stop.IsCancellationRequested && IsCurrent(link)
            && link.Paths.TryFindMissing(out _))
        {
            link.LaneFailures++;
            link.LaneRetry.Schedule(loop.Now + Backoff.WaitAfter(link.LaneFailures, options.Random.NextDouble()));
        }
    }

    private bool IsCurrent(Link link) =>
        _links.TryGetValue(link.Info.Index, out Link? current) && ReferenceEquals(current, link);

    private bool Offer(Established established, bool weDialed, int lane)
    {
        PeerId id = established.Secured.RemotePeer;
        if (!View.TryFindPeer(id, out PeerInfo? peer) || !_links.TryGetValue(peer.Index, out Link? link))
        {
            events.Add(LinkEvent.Stranger); // it left the mesh while its handshake ran
            established.Abandon();
            return false;
        }

        if (!link.Paths.TryAdmit(weDialed, lane, _orders))
        {
            events.Add(LinkEvent.TooMany);
            established.Abandon();
            return false;
        }

        PathInfo path = new(
            ++_numbers, link.Info, link.Paths.PickWorker(lane), weDialed ? lane : 0, weDialed, PathKind.Direct,
            established.Connection.RemoteAddress);
        link.Paths.Add(path, loop.Now);
        events.Add(weDialed ? LinkEvent.Dialed : LinkEvent.Accepted);
        log.Debug("path_added", ("peer", peer.Name), ("address", path.RemoteAddress), ("dialed", weDialed));
        workers[path.Worker].Adopt(path, established.Connection.Detach(), established.Secured);
        Settle(link);
        return true;
    }

    /// <summary>Of two paths of a lane the end with the smaller peer id decides which one stays.</summary>
    /// <returns>Whether that is we.</returns>
    private bool IsDecider(PeerId remote) => options.PeerId.CompareTo(remote) < 0;
}

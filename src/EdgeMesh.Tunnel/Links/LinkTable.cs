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
internal sealed class LinkTable
{
    private readonly Dictionary<int, Link> _links = [];
    private readonly List<PathOrder> _orders = [];
    private readonly Loop _loop;
    private readonly LinkOptions _options;
    private readonly LinkEvents _events;
    private readonly StructuredLog _log;
    private readonly IReadOnlyList<Worker> _workers;
    private readonly LinkDials _dials;
    private long _numbers;

    /// <summary>Makes a table without links.</summary>
    public LinkTable(
        Loop loop,
        Dialer dialer,
        LinkOptions options,
        LinkEvents events,
        StructuredLog log,
        IReadOnlyList<Worker> workers,
        CancellationToken stop)
    {
        _loop = loop;
        _options = options;
        _events = events;
        _log = log;
        _workers = workers;
        _dials = new LinkDials(loop, dialer, options, events, log, Offer, stop);
    }

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
                _dials.Start(link);
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
            _events.Add(report.Ending);
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
    /// <param name="peerIndex">The peer.</param>
    /// <param name="answer">
    /// Gets the address that the new one leads to, once the old one is gone; fails with a <see cref="DialException"/>.
    /// </param>
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
        _dials.StartNow(link);
    }

    /// <summary>Whoever asked for a new connection waits no longer; what is under way goes on.</summary>
    public void ForgetReconnect(int peerIndex, TaskCompletionSource<string> answer)
    {
        if (_links.TryGetValue(peerIndex, out Link? link) && ReferenceEquals(link.Reconnecting, answer))
        {
            link.Reconnecting = null;
        }
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
            link.Paths.Paths.Where(path => path.State == PathState.Ready).DistinctBy(path => path.LaneIndex).Count(),
            link.LastError,
            link.LastEnding,
            isConnected && link.ConnectedSince != Instant.Never ? _loop.Now - link.ConnectedSince : TimeSpan.Zero,
            primary?.RoundTrip ?? TimeSpan.Zero);
    }

    private void HandleCarried(Link link, PathReport report)
    {
        bool wasReady = link.Paths.Find(report.Path.Number)?.State == PathState.Ready;
        link.Paths.HandleCarried(report.Path.Number, report.RoundTrip, _loop.Now, _orders);
        if (wasReady || link.Paths.Find(report.Path.Number) is not { State: PathState.Ready } path)
        {
            return;
        }

        bool isFirst = link.ConnectedSince == Instant.Never;
        link.ConnectedSince = isFirst ? _loop.Now : link.ConnectedSince;
        _log.Info(isFirst ? "peer_connected" : "path_ready", ("peer", link.Info.Name), ("lane", path.LaneIndex),
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

        bool hasStayed = _loop.Now - ended.Since > PathSet.SimultaneousWindow;
        if (ended.LaneIndex > 0)
        {
            link.LaneFailures = hasStayed ? 0 : link.LaneFailures;
        }
        else
        {
            link.Failures = hasStayed ? 0 : link.Failures;
        }

        // Nothing ever passed: a peer that doesn't know us yet does this each time it is dialed.
        NoteEnd(link, ended.LaneIndex, ended.ReadyAt != Instant.Never, report.Ending, report.Detail);
    }

    private void NoteEnd(Link link, int lane, bool hasCarried, PathEnding ending, string detail)
    {
        link.LastEnding = ending;
        link.LastError = ending == PathEnding.Replaced ? link.LastError : detail;
        bool isLast = hasCarried && link.ConnectedSince != Instant.Never
            && !link.Paths.Paths.Any(path => path.State == PathState.Ready);
        link.ConnectedSince = isLast ? Instant.Never : link.ConnectedSince;
        (string Key, object? Value)[] fields =
        [
            ("peer", link.Info.Name), ("lane", lane), ("reason", PathEndings.LabelOf(ending)), ("cause", detail),
        ];
        if (hasCarried)
        {
            _log.Info(isLast ? "peer_disconnected" : "path_ended", fields);
        }
        else
        {
            _log.Debug("path_ended", fields);
        }
    }

    // After anything that may have changed the paths: orders go to workers, missing lanes are dialed.
    private void Settle(Link link)
    {
        foreach (PathOrder order in _orders)
        {
            _workers[order.Path.Worker].Execute(order);
            if (order.Kind == PathOrderKind.Close)
            {
                // It is of the set no more, so nothing is left to note once it is over.
                bool hasCarried = order.Ending is PathEnding.PeerRestarted or PathEnding.Unanswered;
                NoteEnd(link, order.Path.LaneIndex, hasCarried, order.Ending, PathEndings.SentenceOf(order.Ending));
            }
        }

        _orders.Clear();
        SchedulePathTimer(link);
        AnswerReconnect(link);
        if (!link.Paths.IsFirstMissing)
        {
            link.Retry.Cancel();
        }

        _dials.ScheduleRetry(link);
        _dials.StartMissing(link);
    }

    private static void SchedulePathTimer(Link link)
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

    private static void AnswerReconnect(Link link)
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
            link.FailReconnect("the new connection did not stay: " + link.LastError);
        }
    }

    private void Add(PeerInfo peer)
    {
        PathSet paths = new(_workers.Count, peer.Index % _workers.Count, IsDecider(peer.Id));
        Link link = new(
            peer,
            paths,
            Timer(peer.Index, _dials.Start),
            Timer(peer.Index, _dials.StartMissing),
            Timer(peer.Index, HandleTimeout));
        _links.Add(peer.Index, link);
        _dials.Start(link);
    }

    private void HandleTimeout(Link link)
    {
        link.Paths.HandleTimeout(_loop.Now, _orders);
        Settle(link);
    }

    private LoopTimer Timer(int peerIndex, Action<Link> due) => _loop.CreateTimer(
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
        link.Remove();
        foreach (Path path in link.Paths.Paths)
        {
            _workers[path.Info.Worker].Execute(new PathOrder(PathOrderKind.Close, path.Info, PathEnding.Removed));
        }

        if (link.Paths.Paths.Count > 0)
        {
            _log.Info("peer_removed", ("peer", link.Info.Name));
        }
    }

    // Gives the number of the connection's path, or 0 if nobody wants it.
    private long Offer(Established established, bool weDialed, int lane)
    {
        PeerId id = established.Secured.RemotePeer;
        if (!View.TryFindPeer(id, out PeerInfo? peer) || !_links.TryGetValue(peer.Index, out Link? link))
        {
            _events.Add(LinkEvent.Stranger); // it left the mesh while its handshake ran
            established.Abandon();
            return 0;
        }

        if (!link.Paths.TryAdmit(weDialed, lane, _orders))
        {
            _events.Add(LinkEvent.TooMany);
            established.Abandon();
            return 0;
        }

        PathInfo path = new(
            ++_numbers, link.Info, link.Paths.PickWorker(lane), weDialed ? lane : 0, weDialed, PathKind.Direct,
            established.Connection.RemoteAddress);
        link.Paths.Add(path, _loop.Now);
        _events.Add(weDialed ? LinkEvent.Dialed : LinkEvent.Accepted);
        _log.Debug("path_added", ("peer", peer.Name), ("address", path.RemoteAddress), ("dialed", weDialed));
        _workers[path.Worker].Adopt(path, established.Connection.Detach(), established.Secured);
        Settle(link);
        return path.Number;
    }

    /// <summary>Of two paths of a lane the end with the smaller peer id decides which one stays.</summary>
    /// <returns>Whether that is we.</returns>
    private bool IsDecider(PeerId remote) => _options.PeerId.CompareTo(remote) < 0;
}

using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// The dials of all links: lane 0 while it is missing, further lanes one after the other, each with a back-off of its
/// own. Runs on the links' thread only.
/// </summary>
/// <param name="loop">The links'.</param>
/// <param name="dialer">Makes connections.</param>
/// <param name="options">Jitter.</param>
/// <param name="events">Where failures are counted.</param>
/// <param name="log">Where they are said.</param>
/// <param name="offer">
/// Takes a connection that we dialed for a lane; gives the number of its path, or 0 if nobody wants it.
/// </param>
/// <param name="stop">Ends every dial.</param>
internal sealed class LinkDials(
    Loop loop,
    Dialer dialer,
    LinkOptions options,
    LinkEvents events,
    StructuredLog log,
    Func<Established, bool, int, long> offer,
    CancellationToken stop)
{
    /// <summary>Dials lane 0, if it is missing and no dial is under way.</summary>
    public void Start(Link link)
    {
        link.Retry.Cancel();
        if (link.Paths.IsFirstMissing && link.Dial is null && link.Info.Addresses.Count > 0 && !link.IsRemoved)
        {
            StartNow(link);
        }
    }

    /// <summary>Dials lane 0, whatever there is.</summary>
    public void StartNow(Link link) => _ = DialFirstAsync(link);

    private async Task DialFirstAsync(Link link)
    {
        using CancellationTokenSource dial = CancellationTokenSource.CreateLinkedTokenSource(stop);
        link.Dial = dial;
        bool isWished = link.Reconnecting is not null;
        Established? established = await DialAsync(link, link.Info.Addresses, dial.Token);
        link.Dial = ReferenceEquals(link.Dial, dial) ? null : link.Dial;
        long number = established is null ? 0 : offer(established, true, 0);
        if (isWished && link.Reconnecting is not null)
        {
            link.ReconnectPath = number;
            if (number == 0)
            {
                link.FailReconnect("no new connection could be made: " + link.LastError);
            }
        }

        ScheduleRetry(link);
    }

    /// <summary>Dials a further lane that is missing, if none is being dialed.</summary>
    public void StartMissing(Link link)
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
        if (established is not null && offer(established, true, lane) != 0)
        {
            StartMissing(link);
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

    /// <summary>Sees to it that lane 0 is dialed again, after a back-off, if it is missing.</summary>
    public void ScheduleRetry(Link link)
    {
        if (link.Paths.IsFirstMissing && link.Dial is null && link.Retry.Due == Instant.Never
            && !stop.IsCancellationRequested && !link.IsRemoved)
        {
            link.Failures++;
            link.Retry.Schedule(loop.Now + Backoff.WaitAfter(link.Failures, options.Random.NextDouble()));
        }
    }

    private void ScheduleLaneRetry(Link link)
    {
        if (link.LaneDial is null && !stop.IsCancellationRequested && !link.IsRemoved
            && link.Paths.TryFindMissing(out _))
        {
            link.LaneFailures++;
            link.LaneRetry.Schedule(loop.Now + Backoff.WaitAfter(link.LaneFailures, options.Random.NextDouble()));
        }
    }
}

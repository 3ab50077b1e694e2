using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Packets;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// Handshakes under way, bounded in number and time, so that strangers cost a bounded amount of memory.
/// </summary>
/// <remarks>
/// When too many accepted connections wait, the oldest goes: an honest handshake ends within a few round trips, one
/// that is kept open on purpose is always among the oldest. Runs on the links' thread only.
/// </remarks>
internal sealed class Handshakes : IDisposable
{
    /// <summary>Accepted connections whose handshake is under way, at most. Each holds some kilobytes.</summary>
    public const int PendingMaxDefault = 256;

    /// <summary>Time from the connection to the end of the handshake, at most.</summary>
    public static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(10);

    private readonly LinkedList<Pending> _pending = new();
    private readonly Loop _loop;
    private readonly Host _host;
    private readonly LinkEvents _events;
    private readonly LoopTimer _deadline;
    private readonly int _pendingMax;
    private int _accepted;

    /// <summary>Makes an empty list.</summary>
    /// <param name="loop">The links'.</param>
    /// <param name="host">Knows how to prove who we are.</param>
    /// <param name="events">Where endings are counted.</param>
    /// <param name="pendingMax">Accepted connections whose handshake may be under way at once.</param>
    public Handshakes(Loop loop, Host host, LinkEvents events, int pendingMax)
    {
        _loop = loop;
        _host = host;
        _events = events;
        _pendingMax = pendingMax;
        _deadline = loop.CreateTimer(static state => ((Handshakes)state!).EndOverdue(), this);
    }

    /// <summary>Runs one handshake to its end.</summary>
    /// <param name="connection">Stays the caller's; it is aborted when the time is up or a newer one needs the
    /// room.</param>
    /// <param name="isInitiator">Whether we dialed.</param>
    /// <param name="expected">The peer dialed; null if we accepted.</param>
    /// <param name="isAllowed">Whether a peer may connect.</param>
    /// <param name="cancellation">Ends it early; must be cancelled on this thread.</param>
    /// <exception cref="UpgradeException">The far end is no peer of ours, or breaks a protocol.</exception>
    public async Task<SecuredConnection> UpgradeAsync(
        UnderlayConnection connection,
        bool isInitiator,
        PeerId? expected,
        Func<PeerId, bool> isAllowed,
        CancellationToken cancellation)
    {
        if (!isInitiator && _accepted >= _pendingMax)
        {
            EvictOldest();
        }

        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        LinkedListNode<Pending> node = _pending.AddLast(
            new Pending(connection, end, !isInitiator, _loop.Now + TimeMax));
        _accepted += isInitiator ? 0 : 1;
        ScheduleDeadline();
        try
        {
            return await _host.UpgradeAsync(connection, isInitiator, expected, isAllowed, end.Token);
        }
        catch (Exception exception) when (node.Value.EndedBecause is { } reason && exception is not UpgradeException)
        {
            throw new HandshakeEndedException(reason, exception);
        }
        finally
        {
            if (node.List is not null)
            {
                Remove(node);
            }

            if (node.Value.EndedBecause is { } counted)
            {
                _events.Add(counted);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _deadline.Cancel();
        while (_pending.First is { } node)
        {
            End(node, null);
        }
    }

    private void EvictOldest()
    {
        LinkedListNode<Pending>? node = _pending.First;
        while (node is not null && !node.Value.IsAccepted)
        {
            node = node.Next;
        }

        if (node is not null)
        {
            End(node, LinkEvent.HandshakeEvicted);
        }
    }

    private void EndOverdue()
    {
        while (_pending.First is { } node && node.Value.Deadline <= _loop.Now)
        {
            End(node, LinkEvent.HandshakeTimeout);
        }

        ScheduleDeadline();
    }

    private void End(LinkedListNode<Pending> node, LinkEvent? reason)
    {
        node.Value.EndedBecause = reason;
        Remove(node);
        node.Value.End.Cancel();
        node.Value.Connection.Abort();
    }

    private void Remove(LinkedListNode<Pending> node)
    {
        _pending.Remove(node);
        _accepted -= node.Value.IsAccepted ? 1 : 0;
    }

    private void ScheduleDeadline()
    {
        // All wait equally long, so the first in the list is the first due.
        if (_pending.First is { } node)
        {
            _deadline.Schedule(node.Value.Deadline);
        }
        else
        {
            _deadline.Cancel();
        }
    }

    private sealed class Pending(
        UnderlayConnection connection, CancellationTokenSource end, bool isAccepted, Instant deadline)
    {
        public UnderlayConnection Connection { get; } = connection;

        public CancellationTokenSource End { get; } = end;

        public bool IsAccepted { get; } = isAccepted;

        public Instant Deadline { get; } = deadline;

        public LinkEvent? EndedBecause { get; set; }
    }
}

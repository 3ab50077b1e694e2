using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Logging;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The lanes of one worker with their connections, from hand-over to end. On its worker's thread.</summary>
internal sealed class LaneTable
{
    private readonly Dictionary<long, Lane> _lanes = [];
    private readonly Dictionary<long, Connection> _connections = [];
    private readonly Host _host;
    private readonly LaneParts _parts;
    private readonly StructuredLog _log;
    private Connection[] _all = []; // the same connections, replaced as a whole, for other threads
    private TaskCompletionSource? _drained;

    /// <summary>Makes a table without lanes.</summary>
    public LaneTable(Host host, LaneParts parts, StructuredLog log)
    {
        _host = host;
        _parts = parts;
        _log = log;
    }

    /// <summary>Open streams of the connections, both sides'. Any thread may read.</summary>
    public int StreamCount => Volatile.Read(ref _all).Sum(connection => connection.StreamCount);

    /// <summary>Whether lanes are being drained: none may come any more, or it would never be over.</summary>
    public bool IsDraining => _drained is not null;

    /// <summary>Takes over an established connection for its whole life; not while lanes are being drained.</summary>
    public void Adopt(PathInfo path, WorkerPeer peer, DetachedConnection detached, SecuredConnection secured)
    {
        UnderlayConnection underlay = detached.Attach(_parts.Loop);
        Lane lane = new(_parts, peer, path);
        _lanes.Add(path.Number, lane);
        ConnectionSetup setup = new()
        {
            RemoteAddress = underlay.RemoteAddress,
            LocalAddress = underlay.LocalAddress,
            Liveness = new UnderlayLiveness(underlay),
            Consumers = path.WeDialed
                ? new Dictionary<string, InlineConsumer>(StringComparer.Ordinal)
                : new Dictionary<string, InlineConsumer>(StringComparer.Ordinal) { [Lane.Protocol] = lane },
        };
        _ = RunAsync(lane, underlay, secured, setup);
    }

    /// <summary>A lane of the peer that takes packets; null if there is none.</summary>
    public Lane? FindUsable(WorkerPeer peer)
    {
        Lane? found = null;
        foreach (Lane lane in _lanes.Values)
        {
            bool isOfPeer = ReferenceEquals(lane.Peer, peer) && lane.TakesPackets;
            found = isOfPeer && (found is null || lane.Path.Number > found.Path.Number) ? lane : found;
        }

        return found;
    }

    /// <summary>Does what the links decided.</summary>
    public void Execute(PathOrder order)
    {
        if (!_lanes.TryGetValue(order.Path.Number, out Lane? lane))
        {
            return; // it ended meanwhile, and the report is on its way
        }

        switch (order.Kind)
        {
            case PathOrderKind.Probe:
                lane.Probe();
                break;
            case PathOrderKind.Retire:
                lane.Retire(order.Ending);
                break;
            default:
                lane.End(order.Ending);
                break;
        }
    }

    /// <summary>Sends what waits, says good-bye on every lane, and closes it.</summary>
    public void Drain(TaskCompletionSource done)
    {
        _drained = done;
        foreach (Lane lane in _lanes.Values.ToList())
        {
            lane.Drain();
        }

        CompleteDrain();
    }

    /// <summary>Ends every connection at once.</summary>
    public void Abort()
    {
        foreach (Connection connection in _connections.Values.ToList())
        {
            connection.Abort(CloseReason.Aborted);
        }
    }

    private async Task RunAsync(
        Lane lane, UnderlayConnection underlay, SecuredConnection secured, ConnectionSetup setup)
    {
        PathEnding ending;
        string detail;
        try
        {
            (ending, detail) = await RunConnectionAsync(lane, underlay, secured, setup);
        }
#pragma warning disable CA1031 // here a connection ends, whatever happened
        catch (Exception exception)
#pragma warning restore CA1031
        {
            _log.Error("lane_failed", ("peer", lane.Peer.Info.Name), ("cause", exception));
            _parts.Receiver.EndOfBatch(lane.Peer); // what was borrowed from the connection's buffer goes before it does
            underlay.Abort();
            (ending, detail) = (PathEnding.InternalError, exception.Message);
        }

        _lanes.Remove(lane.Path.Number);
        _connections.Remove(lane.Path.Number);
        Volatile.Write(ref _all, [.. _connections.Values]);
        lane.Dispose();
        _parts.UseChanged(lane);
        underlay.Dispose();
        _parts.Reports.Add(new PathReport(PathReportKind.Ended, lane.Path, Ending: ending, Detail: detail));
        CompleteDrain();
    }

    private async Task<(PathEnding Ending, string Detail)> RunConnectionAsync(
        Lane lane, UnderlayConnection underlay, SecuredConnection secured, ConnectionSetup setup)
    {
        Connection connection = _host.Attach(underlay, secured, setup);
        _connections.Add(lane.Path.Number, connection);
        Volatile.Write(ref _all, [.. _connections.Values]);
        lane.Over = over => Close(over, connection);
        if (lane.IsOver)
        {
            Close(lane, connection); // by the bytes that came with the hand-over
        }
        else if (lane.Path.WeDialed)
        {
            _ = OpenAsync(lane, connection);
        }

        await connection.RunAsync(default);
        return EndingOf(lane, connection);
    }

    // Nobody waits for the end here: RunConnectionAsync does.
    private static void Close(Lane lane, Connection connection) =>
        _ = connection.EndAsync(lane.Violation is null ? CloseReason.Closed : CloseReason.ProtocolViolation).AsTask();

    private static async Task OpenAsync(Lane lane, Connection connection)
    {
        try
        {
            await connection.OpenInlineAsync(Lane.Protocol, lane, default);
        }
        catch (StreamException exception)
        {
            lane.HandleRefused(exception);
        }
    }

    private static (PathEnding Ending, string Detail) EndingOf(Lane lane, Connection connection)
    {
        PathEnding ending = lane.Ending ?? connection.CloseReason switch
        {
            // A node that refuses us leaves what we sent unread: its kernel may say so by a reset.
            CloseReason.RemoteClosed or CloseReason.TransportFailed or CloseReason.Truncated when !lane.IsWelcome =>
                PathEnding.Refused,
            CloseReason.RemoteClosed or CloseReason.Closed or CloseReason.Aborted => PathEnding.RemoteClosed,
            CloseReason.KeepAliveTimeout or CloseReason.WriteTimeout => PathEnding.KeepAliveTimeout,
            CloseReason.TransportFailed or CloseReason.Truncated => PathEnding.TransportError,
            CloseReason.RemoteProtocolError or CloseReason.RemoteInternalError => PathEnding.RemoteError,
            CloseReason.InternalError => PathEnding.InternalError,
            _ => PathEnding.ProtocolError,
        };
        string detail = lane.Violation
            ?? (ending is PathEnding.TransportError or PathEnding.InternalError ? connection.Failure?.Message : null)
            ?? (ending == PathEnding.ProtocolError ? $"it broke a protocol: {connection.CloseReason}" : null)
            ?? PathEndings.SentenceOf(ending);
        return (ending, detail);
    }

    private void CompleteDrain()
    {
        if (_lanes.Count == 0)
        {
            _drained?.TrySetResult();
        }
    }
}

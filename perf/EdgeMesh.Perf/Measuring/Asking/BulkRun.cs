using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>One measurement of bulk, TCP or UDP.</summary>
internal sealed class BulkRun(PerfTarget target, MeasurementRequest request, IntervalProgress? progress = null)
{
    /// <summary>Runs it.</summary>
    /// <exception cref="PerfException">It can't be done.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public BulkOutcome Run(CancellationToken stop)
    {
        using var session = new ClientSession(target, request);
        using TrafficSide traffic = request.IsUdp ? MakeUdp(session) : MakeTcp(session);
        var run = new TrafficRun(traffic, request);
        bool isComplete = run.Measure(
            until =>
            {
                Waiting.Until(until, stop, session);
                return true;
            },
            (received, sent) => progress?.Show(traffic, received, sent));
        stop.ThrowIfCancellationRequested();
        _ = isComplete;
        traffic.StopSending();
        SideOutcome server = session.Finish();
        if (request.IsUdp && request.HasDown)
        {
            Waiting.For(TimeSpan.FromMilliseconds(StopFlag.LookMillis));
        }

        traffic.StopReceiving();
        return new BulkOutcome(
            run.Outcome(), server, new SessionFacts(session.LocalAddress, session.Congestion, session.ServerVersion));
    }

    private TcpTraffic MakeTcp(ClientSession session)
    {
        IReadOnlyList<Socket> up = request.HasUp ? session.OpenStreams(ConnectionRole.ClientToServer) : [];
        IReadOnlyList<Socket> down = request.HasDown ? session.OpenStreams(ConnectionRole.ServerToClient) : [];
        var traffic = new TcpTraffic(request, up, down);
        session.Start();
        return traffic;
    }

    private UdpTraffic MakeUdp(ClientSession session)
    {
        IReadOnlyList<Socket> sockets = session.OpenDatagrams();
        byte[] introduction = new byte[UdpDatagram.HeaderBytes];
        session.Start(!request.HasDown ? null : () =>
        {
            for (int stream = 0; stream < sockets.Count; stream++)
            {
                new UdpDatagram(session.Token, (ushort)stream, UdpDatagram.Introduction, 0).Write(introduction);
                _ = sockets[stream].Send(introduction, SocketFlags.None, out _);
            }
        });
        return new UdpTraffic(
            request,
            session.Token,
            request.HasUp ? [.. sockets.Select(socket => (socket, (SocketAddress?)null))] : [],
            request.HasDown ? sockets : []);
    }
}

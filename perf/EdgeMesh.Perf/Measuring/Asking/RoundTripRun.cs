using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>One measurement of requests and responses: rr and crr, closed loop or at a rate.</summary>
internal sealed class RoundTripRun(PerfTarget target, MeasurementRequest request, IntervalProgress? progress = null)
{
    private const long LeadNanos = 20 * MonotonicTime.Millisecond; // so that all threads stand when time begins

    /// <summary>Runs it.</summary>
    /// <exception cref="PerfException">It can't be done.</exception>
    /// <exception cref="OperationCanceledException">Interrupted.</exception>
    public RoundTripOutcome Run(CancellationToken stop)
    {
        using var session = new ClientSession(target, request);
        (TrafficSide traffic, List<RequestFlow> flows) = Prepare(session);
        using (traffic)
        {
            var run = new TrafficRun(traffic, request);
            IntervalSampler? last = null;
            run.Measure(
                until =>
                {
                    Waiting.Until(until, stop, session);
                    return true;
                },
                (received, sent) =>
                {
                    last = received;
                    progress?.Show(traffic, received, sent);
                });
            Drain(traffic, flows, stop);
            traffic.StopSending();
            traffic.StopReceiving();
            SideOutcome server = session.Finish();
            long now = MonotonicTime.Now;
            if (request is { RatePerSecond: > 0, Test: TestKind.TcpRoundTrip })
            {
                flows.ForEach(flow => flow.RecordUnanswered(now));
            }

            RoundTripOutcome outcome =
                Outcome(session, flows, last!, run.Outcome().CpuSeconds, server.CpuSeconds);
            return outcome with { Lost = outcome.Lost + traffic.Unsent, Unsent = traffic.Unsent };
        }
    }

    private static RoundTripOutcome Outcome(
        ClientSession session, List<RequestFlow> flows, IntervalSampler sampler, double clientCpu, double serverCpu) =>
            new()
        {
            Latency = Sum(flows.Select(flow => flow.Latency)),
            FromSending = Sum(flows.Select(flow => flow.FromSending)),
            Lateness = Sum(flows.Select(flow => flow.Lateness)),
            Lost = flows.Sum(flow => Math.Max(flow.Lost, 0)), // duplicates of the network can make it negative
            Requests = flows.Sum(flow => flow.Requests),
            PerSecond = sampler.Packets / Math.Max(sampler.Seconds, 1e-9),
            Series = sampler.PacketsPerSecond,
            ClientCpuSeconds = clientCpu,
            ServerCpuSeconds = serverCpu,
            Session = new SessionFacts(session.LocalAddress, session.Congestion, session.ServerVersion),
        };

    private static LatencyRecorder Sum(IEnumerable<LatencyRecorder> recorders)
    {
        var sum = new LatencyRecorder();
        foreach (LatencyRecorder recorder in recorders)
        {
            sum.Add(recorder);
        }

        return sum;
    }

    private (TrafficSide Traffic, List<RequestFlow> Flows) Prepare(ClientSession session)
    {
        var sockets = request.Test switch
        {
            TestKind.TcpRoundTrip => session.OpenStreams(ConnectionRole.ClientToServer),
            TestKind.UdpRoundTrip => session.OpenDatagrams(),
            _ => [],
        };
        session.Start();
        long start = MonotonicTime.Now + LeadNanos;
        List<RequestFlow> flows =
            [.. Enumerable.Range(0, request.Streams).Select(i => new RequestFlow(request, i, start))];
        byte[] preamble = new byte[Preamble.SizeBytes];
        session.WritePreamble(preamble);
        return (request.Test switch
        {
            TestKind.TcpRoundTrip => new TcpRequests(request, sockets, flows),
            TestKind.UdpRoundTrip => new UdpRequests(request, session.Token, sockets, flows),
            _ => new ConnectRequests(request, target.EndPoint, preamble, flows, start),
        }, flows);
    }

    // Until all have left and all answers are there, or no more can be expected.
    private static void Drain(TrafficSide traffic, List<RequestFlow> flows, CancellationToken stop)
    {
        long deadline = MonotonicTime.Now + LeadNanos + MonotonicTime.Of(MeasuringLimits.DrainTime);
        Waiting.Until(MonotonicTime.Now + LeadNanos, stop);
        while (MonotonicTime.Now < deadline && (traffic.Unsent > 0 || flows.Exists(flow => flow.Lost > 0)))
        {
            Waiting.Until(MonotonicTime.Now + MonotonicTime.Millisecond, stop);
        }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using EdgeMesh.Perf.Measuring;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>What a stall of the other end does to the figures.</summary>
public sealed class OpenLoopTests
{
    private const int StallMillis = 100;
    private const int StallAfter = 200; // responses
    private const int PerSecond = 1000;
    private const int Bytes = 32;

    [Fact]
    public void A_stall_is_seen_by_every_request_that_was_meant_to_leave_during_it()
    {
        RequestFlow flow = Measure(PerSecond);

        // 600 requests in 600 ms; those of the stall's 100 ms waited 100 to 0 ms. So many more than one are slow.
        Assert.Equal(600, flow.Latency.Count);
        Assert.InRange(CountAbove(flow.Latency, millis: 20), 75, 600);
        Assert.InRange(CountAbove(flow.Latency, millis: 50), 45, 600);
        Assert.InRange(flow.Latency.MaxMicros, (StallMillis - 2) * 1000, 60e6);
        Assert.InRange(flow.Latency.PercentileMicros(95), 50_000, 60e6);
    }

    [Fact]   // which is why rr's percentiles without --rate come with a warning
    public void A_closed_loop_sees_a_stall_once()
    {
        RequestFlow flow = Measure(ratePerSecond: 0);
        Assert.InRange(flow.Latency.MaxMicros, (StallMillis - 2) * 1000, 60e6);
        Assert.InRange(CountAbove(flow.Latency, millis: StallMillis - 2), 1, 3);
    }

    [Fact]
    public void Requests_that_are_never_answered_count_with_their_age()
    {
        long start = MonotonicTime.Now;
        var flow = new RequestFlow(Request(PerSecond), 0, start);
        for (int i = 0; i < 10; i++)
        {
            flow.AwaitNext(out _);
            flow.Leave(MonotonicTime.Now);
        }

        flow.Arrive(0, MonotonicTime.Now, Bytes);
        Assert.Equal(9, flow.Lost);

        // 600 are meant to leave in 600 ms. The sender got no further, so the others wait as well.
        Assert.Equal(590, flow.Unsent);
        flow.RecordUnanswered(start + (5 * MonotonicTime.Second));
        Assert.Equal(600, flow.Latency.Count);
        Assert.Equal(10, flow.Lateness.Count);
        Assert.Equal(9, flow.FromSending.Count - 1);
        Assert.InRange(flow.Latency.PercentileMicros(50), 4.6e6, 4.8e6);
        Assert.InRange(flow.Latency.MaxMicros, 4.9e6, 5.1e6);
    }

    [Fact]
    public void A_far_end_that_reads_nothing_makes_every_request_wait()
    {
        (Socket near, Socket far) = Pair();
        MeasurementRequest request = Request(PerSecond) with { MessageBytes = 256 << 10, DurationMillis = 300 };
        var flow = new RequestFlow(request, 0, MonotonicTime.Now);
        using (var traffic = new TcpRequests(request, [near], [flow]))
        {
            traffic.Start();
            Waiting.For(TimeSpan.FromMilliseconds(350));
            Assert.InRange(traffic.Unsent, 1, 299); // what fits the sockets' buffers has left
            traffic.StopSending();
            traffic.StopReceiving();
        }

        far.Dispose();
        flow.RecordUnanswered(MonotonicTime.Now);
        Assert.Equal(300, flow.Latency.Count);
        Assert.Equal(300, flow.Lost + flow.Unsent);
    }

    [Theory]
    [InlineData(1000, 300, 300)]
    [InlineData(3, 1000, 3)]
    [InlineData(3, 1001, 4)]
    [InlineData(7, 3000, 21)]
    [InlineData(333.33, 300, 100)]
    public void What_is_due_is_what_is_intended_before(double perSecond, int millis, long due)
    {
        var pacer = new Pacer(5, perSecond);
        long time = 5 + (millis * MonotonicTime.Millisecond);
        Assert.Equal(0, pacer.DueBefore(5));
        Assert.Equal(1, pacer.DueBefore(6));
        Assert.True(pacer.IntendedNanos(pacer.DueBefore(time) - 1) < time);
        Assert.True(pacer.IntendedNanos(pacer.DueBefore(time)) >= time);
        Assert.InRange(pacer.DueBefore(time), due, due + 1); // a third is no number of nanoseconds
    }

    [Fact]
    public void Intended_times_do_not_drift()
    {
        var pacer = new Pacer(1000, 3_000_000);
        Assert.Equal(1000, pacer.IntendedNanos(0));
        Assert.Equal(1000 + MonotonicTime.Second, pacer.IntendedNanos(3_000_000));
        Assert.Equal(1000 + (1000 * MonotonicTime.Second), pacer.IntendedNanos(3_000_000_000));
    }

    private static MeasurementRequest Request(double ratePerSecond) => new()
    {
        Test = TestKind.TcpRoundTrip,
        MessageBytes = Bytes,
        ResponseBytes = Bytes,
        DurationMillis = 600,
        RatePerSecond = ratePerSecond,
    };

    private static RequestFlow Measure(double ratePerSecond)
    {
        (Socket near, Socket far) = Pair();
        var answering = new Thread(() => Answer(far)) { IsBackground = true };
        answering.Start();
        var flow = new RequestFlow(Request(ratePerSecond), 0, MonotonicTime.Now);
        using var traffic = new TcpRequests(Request(ratePerSecond), [near], [flow]);
        traffic.Start();
        Waiting.For(TimeSpan.FromMilliseconds(650));
        SpinWait.SpinUntil(() => flow.Lost == 0, 5000);
        traffic.StopSending();
        traffic.StopReceiving();
        far.Dispose();
        answering.Join();
        return flow;
    }

    // Answers at once, but after some answers it sleeps for a while, once.
    private static void Answer(Socket socket)
    {
        byte[] buffer = new byte[Bytes];
        int answered = 0;
        try
        {
            while (socket.Receive(buffer) == Bytes)
            {
                if (answered++ == StallAfter)
                {
                    Waiting.For(TimeSpan.FromMilliseconds(StallMillis));
                }

                socket.Send(buffer);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private static double CountAbove(LatencyRecorder recorder, int millis)
    {
        IReadOnlyList<(double Micros, double Share)> points = recorder.Cumulate();
        double below = points.Where(point => point.Micros <= millis * 1000).Select(point => point.Share)
            .DefaultIfEmpty(0).Max();
        return Math.Round((1 - below) * recorder.Count);
    }

    private static (Socket Near, Socket Far) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var near = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.Connect(listener.LocalEndPoint!);
        Socket far = listener.Accept();
        far.NoDelay = true;
        return (near, far);
    }
}

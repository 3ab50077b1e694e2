using System;
using System.Linq;
using System.Threading;
using EdgeMesh.Perf;
using EdgeMesh.Perf.Measuring.Asking;
using EdgeMesh.Perf.Measuring.Flows;
using EdgeMesh.Perf.Measuring.Protocol;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.SystemTests.Perf;

/// <summary>Both ends over real sockets on loopback.</summary>
public sealed class MeasuringTests
{
    [Theory]
    [InlineData(FlowDirection.Up)]
    [InlineData(FlowDirection.Down)]
    [InlineData(FlowDirection.Both)]
    public void Tcp_bulk_is_counted_where_it_arrives(FlowDirection direction)
    {
        using var server = new Loopback();
        BulkOutcome outcome = Bulk(
            server, Loopback.Request(TestKind.TcpBulk, 64 << 10) with { Streams = 3, Direction = direction });
        Assert.Equal(direction != FlowDirection.Down, outcome.Up is { Sent: not null, Received: not null });
        Assert.Equal(direction != FlowDirection.Up, outcome.Down is { Sent: not null, Received: not null });
        ReceivedOutcome?[] both = [outcome.Up.Received, outcome.Down.Received];
        foreach (ReceivedOutcome received in both.OfType<ReceivedOutcome>())
        {
            Assert.InRange(received.Seconds, 0.25, 5);
            Assert.Equal(3, received.StreamBytes.Count);
            Assert.All(received.StreamBytes, bytes => Assert.True(bytes > 0));
            Assert.Equal(received.Bytes, received.StreamBytes.Sum());
            Assert.InRange(received.BitsPerSecond.Count, 3, 5);
        }
    }

    [Fact]
    public void What_comes_down_lasts_as_long_as_it_is_measured()
    {
        // So many flows need longer to stand at this end than the whole measurement takes.
        using var server = new Loopback();
        ReceivedOutcome received = Bulk(
            server,
            Loopback.Request(TestKind.TcpBulk, 64 << 10) with
            {
                Streams = 64,
                Direction = FlowDirection.Down,
                DurationMillis = 60,
                OmitMillis = 60,
                IntervalMillis = 10,
            }).Down.Received!;
        Assert.True(received.Bytes > 0);
        Assert.True(received.BitsPerSecond[^1] > 0, "nothing came at the end");
    }

    [Fact]
    public void Time_runs_from_the_first_arrival()
    {
        MeasurementRequest request = Loopback.Request(TestKind.TcpBulk) with { OmitMillis = 0, DurationMillis = 50 };
        using var traffic = new LateTraffic(TimeSpan.FromMilliseconds(150));
        var run = new TrafficRun(traffic, request);
        long start = MonotonicTime.Now;
        Assert.True(run.Measure(until =>
        {
            Waiting.Until(until, CancellationToken.None);
            return true;
        }));
        Assert.InRange(MonotonicTime.Now - start, 200 * MonotonicTime.Millisecond, 60 * MonotonicTime.Second);
        traffic.StopReceiving();
        Assert.InRange(run.Outcome().Received!.Seconds, 0.05, 30);
    }

    [Fact]
    public void Tcp_tells_its_window_and_segment()
    {
        using var server = new Loopback();
        SentOutcome sent = Bulk(server, Loopback.Request(TestKind.TcpBulk, 64 << 10)).Up.Sent!;
        Assert.InRange(sent.SegmentBytes, 500, 70_000);
        Assert.InRange(sent.CongestionWindowBytes, sent.SegmentBytes, 1e9);
        Assert.InRange(sent.RttMicros, 1, 10e6);
    }

    [Theory]
    [InlineData(FlowDirection.Up)]
    [InlineData(FlowDirection.Down)]
    [InlineData(FlowDirection.Both)]
    public void Paced_datagrams_all_arrive_in_order(FlowDirection direction)
    {
        using var server = new Loopback();
        BulkOutcome outcome = Bulk(
            server, Loopback.Request(
                TestKind.UdpBulk, 200) with { Streams = 2, Direction = direction, RatePerSecond = 2000 });
        foreach (var (sent, received) in new[] { outcome.Up, outcome.Down }.Where(way => way.Sent is not null))
        {
            Assert.True(received!.IsEachSeen);
            Assert.Equal(sent!.PacketsTotal, received.PacketsTotal);
            Assert.Equal(0, received.Reordered);
            Assert.InRange(sent.PacketsTotal, 600, 20_000);
        }
    }

    [Fact]
    public void The_kernel_counts_what_nobody_reads()
    {
        using var server = new Loopback();
        BulkOutcome outcome = Bulk(
            server,
            Loopback.Request(TestKind.UdpBulk, 100) with { RatePerSecond = 5000, Counting = ArrivalCounting.Kernel });

        // Other tests' datagrams count too, so only the least is known.
        Assert.InRange(outcome.Up.Received!.PacketsTotal, outcome.Up.Sent!.PacketsTotal * 0.99, double.MaxValue);
        Assert.False(outcome.Up.Received.IsEachSeen);
    }

    [Fact]
    public void Segments_of_one_send_arrive_as_datagrams()
    {
        using var server = new Loopback();
        BulkOutcome outcome = Bulk(
            server, Loopback.Request(TestKind.UdpBulk, 100) with { RatePerSecond = 2000, SegmentsPerSend = 10 });
        Assert.Equal(outcome.Up.Sent!.PacketsTotal, outcome.Up.Received!.PacketsTotal);
        Assert.Equal(0, outcome.Up.Sent.PacketsTotal % 10);
    }

    [Theory]
    [InlineData(TestKind.TcpRoundTrip, 0)]
    [InlineData(TestKind.TcpRoundTrip, 2000)]
    [InlineData(TestKind.UdpRoundTrip, 0)]
    [InlineData(TestKind.UdpRoundTrip, 2000)]
    [InlineData(TestKind.TcpConnect, 0)]
    [InlineData(TestKind.TcpConnect, 200)]
    public void Each_request_is_answered(TestKind test, double rate)
    {
        using var server = new Loopback();
        MeasurementRequest request =
            Loopback.Request(test, 200) with { Streams = 2, RatePerSecond = rate, ResponseBytes = 500 };
        RoundTripOutcome outcome = new RoundTripRun(server.Target, request).Run(CancellationToken.None);
        Assert.Equal(0, outcome.Lost);
        Assert.True(outcome.Latency.Count > 0);
        Assert.InRange(outcome.Latency.PercentileMicros(50), 1, 10e6);
        if (rate > 0)
        {
            // All that were meant to leave in the measured 300 ms: the end waits for a sender that is late, and what
            // has no answer counts too.
            Assert.InRange(outcome.Latency.Count, (rate * 0.3) - 2, (rate * 0.3) + 2);
        }
    }

    [Fact]
    public void Nobody_there_is_told_with_a_remedy()
    {
        PerfTarget target;
        using (var server = new Loopback())
        {
            target = server.Target;
        }

        PerfException e = Assert.Throws<PerfException>(
            () => new BulkRun(target, Loopback.Request(TestKind.TcpBulk)).Run(CancellationToken.None));
        Assert.Contains("edgemesh-perf server", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_interrupt_ends_a_run_at_once()
    {
        using var server = new Loopback();
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        long start = Environment.TickCount64;
        Assert.ThrowsAny<OperationCanceledException>(() => new BulkRun(
            server.Target, Loopback.Request(TestKind.TcpBulk) with { DurationMillis = 20_000, IntervalMillis = 1000 })
                .Run(stop.Token));
        Assert.InRange(Environment.TickCount64 - start, 100, 10_000);
    }

    // Receives one byte, late.
    private sealed class LateTraffic : TrafficSide
    {
        public LateTraffic(TimeSpan delay)
        {
            Received = [new FlowCounters()];
            AddReceiver("late", () =>
            {
                Waiting.For(delay);
                Received[0].Add(1, 1);
            });
        }

        protected override void Close()
        {
        }
    }

    private static BulkOutcome Bulk(Loopback server, MeasurementRequest request) =>
        new BulkRun(server.Target, request).Run(CancellationToken.None);
}

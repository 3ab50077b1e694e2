using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.UnitTests.Perf;

/// <summary>What is told of bursts and paced streams.</summary>
public sealed class BurstArrivalsTests
{
    [Fact]
    public void Each_burst_has_its_first_and_last_delay_and_its_count()
    {
        var arrivals = new BurstArrivals(bursts: 3, datagramsPerBurst: 4);
        arrivals.Add(Datagram(sequence: 1, sentNanos: 100), nowNanos: 150); // 0 is lost, 1 comes first
        arrivals.Add(Datagram(sequence: 3, sentNanos: 100), nowNanos: 400);
        arrivals.Add(Datagram(sequence: 2, sentNanos: 100), nowNanos: 900); // reordered: the last to come is last
        arrivals.Add(Datagram(sequence: 8, sentNanos: 1000), nowNanos: 1001);
        Assert.Equal((3, 50, 800), (arrivals.CountOf(0), arrivals.FirstNanosOf(0), arrivals.LastNanosOf(0)));
        Assert.Equal((1, 4, 3), (arrivals.MissingOf(0), arrivals.MissingOf(1), arrivals.MissingOf(2)));
        Assert.Equal((0, 0, 0), (arrivals.CountOf(1), arrivals.FirstNanosOf(1), arrivals.LastNanosOf(1)));
        Assert.Equal((1, 1, 1), (arrivals.CountOf(2), arrivals.FirstNanosOf(2), arrivals.LastNanosOf(2)));
    }

    [Fact]
    public void A_datagram_of_no_burst_is_not_counted()
    {
        var arrivals = new BurstArrivals(bursts: 1, datagramsPerBurst: 4);
        arrivals.Add(Datagram(sequence: 4, sentNanos: 0), nowNanos: 1);
        arrivals.Add(Datagram(UdpDatagram.Introduction, sentNanos: 0), nowNanos: 1);
        Assert.Equal(0, arrivals.CountOf(0));
    }

    [Fact]
    public void A_paced_stream_counts_each_datagram_once_and_finds_its_longest_gap()
    {
        var watch = new SequenceWatch();
        watch.Add(0, nowNanos: 1000);
        watch.Add(1, nowNanos: 1500);
        watch.Add(1, nowNanos: 1600);
        watch.Add(200_000, nowNanos: 2500);
        watch.Add(199_999, nowNanos: 2600);
        watch.Add(-1, nowNanos: 9000);
        Assert.Equal((4, 1, 1000), (watch.Arrived, watch.Repeated, watch.LongestGapNanos(900, 2700)));
    }

    [Fact]
    public void The_longest_gap_may_be_the_last_one_and_lasts_until_the_sending_ended()
    {
        var watch = new SequenceWatch();
        Assert.Equal(9000, watch.LongestGapNanos(beganNanos: 1000, endedNanos: 10_000)); // nothing came
        watch.Add(0, nowNanos: 2000);
        Assert.Equal(8000, watch.LongestGapNanos(beganNanos: 1000, endedNanos: 10_000));
        watch.Add(1, nowNanos: 11_000); // late: its own gap is longer
        Assert.Equal(9000, watch.LongestGapNanos(beganNanos: 1000, endedNanos: 10_000));
    }

    private static UdpDatagram Datagram(long sequence, long sentNanos) => new(0, 0, sequence, sentNanos);
}

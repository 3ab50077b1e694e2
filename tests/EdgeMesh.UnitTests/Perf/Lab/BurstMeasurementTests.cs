using EdgeMesh.Perf.Lab;
using EdgeMesh.Traffic;
using Xunit;

namespace EdgeMesh.UnitTests.Perf.Lab;

/// <summary>What a burst counts as.</summary>
public sealed class BurstMeasurementTests
{
    private const long Waited = MonotonicTime.Second;

    [Fact]
    public void Datagram_that_is_lost_does_not_make_its_burst_look_faster()
    {
        var arrivals = new BurstArrivals(bursts: 4, datagramsPerBurst: 2);
        Add(arrivals, sequence: 0, delayNanos: 100); // a whole one
        Add(arrivals, sequence: 1, delayNanos: 200);
        Add(arrivals, sequence: 2, delayNanos: 100); // half a one
        Add(arrivals, sequence: 4, delayNanos: 2 * Waited); // half a one, late
        Assert.Equal((100, 200), BurstMeasurement.DelaysOf(arrivals, 0));
        Assert.Equal((100, Waited), BurstMeasurement.DelaysOf(arrivals, 1));
        Assert.Equal((2 * Waited, 2 * Waited), BurstMeasurement.DelaysOf(arrivals, 2));
        Assert.Equal((Waited, Waited), BurstMeasurement.DelaysOf(arrivals, 3));
    }

    private static void Add(BurstArrivals arrivals, long sequence, long delayNanos) =>
        arrivals.Add(new UdpDatagram(0, 0, sequence, SentNanos: 0), delayNanos);
}

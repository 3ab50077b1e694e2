using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>Ten times of what the bottleneck carries: what gets through must be of use to somebody.</summary>
public sealed class OverloadTests
{
    private const int Overload = 10;

    // Rate in Mbit/s, flows, bytes of their datagrams, pool in MiB.
    public static TheoryData<int, int, int, int> Floods => new()
    {
        { 10, 1, 16_000, 16 },
        { 100, 1, 16_000, 16 },
        { 100, 1, 65_000, 16 },
        { 1000, 1, 65_000, 16 },
        { 1000, 4, 65_000, 16 },
        { 1000, 8, 16_000, 16 },
        { 100, 1, 65_000, 1 },
        { 100, 2, 16_000, 1 },
        { 1000, 1, 1400, 16 }, // whole packets: nothing to be broken
        { 100, 4, 1400, 1 },
    };

    [Theory]
    [MemberData(nameof(Floods))]
    public void Datagrams_get_through_whole(int megabits, int flows, int datagramBytes, int poolMebibytes)
    {
        var queue = new FairQueue(poolMebibytes);
        var link = new Bottleneck(queue, megabits * 1_000_000L);
        long offered = megabits * 1_000_000L * Overload / flows;
        List<DatagramFlow> senders =
            [.. Enumerable.Range(0, flows).Select(i => new DatagramFlow(datagramBytes, offered, (uint)i << 16 | 1))];
        senders.ForEach(link.Add);
        link.Run(TimeSpan.FromSeconds(1));
        long before = senders.Sum(sender => sender.WholeBytes);
        link.Run(TimeSpan.FromSeconds(2));
        double goodput = (senders.Sum(sender => sender.WholeBytes) - before) * 8 / (megabits * 1e6 * 2);
        Assert.True(goodput >= 0.9, $"goodput {goodput:0.000} of the bottleneck");
        Assert.InRange(goodput, 0, 1.05);
    }

    [Theory]
    [InlineData(64_400)] // 46 x 1400 B, whole as the kernel gave it
    [InlineData(1400)]
    public void Flood_that_is_dropped_from_leaves_the_bottleneck_no_pause(int packetBytes)
    {
        var queue = new FairQueue();
        var link = new Bottleneck(queue, 1_000_000_000);
        var flood = new PacedFlow(packetBytes, TimeSpan.FromSeconds(packetBytes * 8.0 / (Overload * 1e9)));
        link.Add(flood);
        link.Run(TimeSpan.FromSeconds(1));
        long before = link.DeliveredBytes;
        link.Run(TimeSpan.FromSeconds(1));
        Assert.InRange((link.DeliveredBytes - before) * 8, 0.99e9, 1.01e9);
        Assert.True(queue.Dropped > 0);
    }

    [Fact]
    public void Fragments_of_a_flood_hardly_delay_others()
    {
        var link = new Bottleneck(new FairQueue(), 100_000_000);
        var flood = new DatagramFlow(65_000, 1_000_000_000, 1);
        var request = new RequestFlow(TimeSpan.FromMilliseconds(10), TimeSpan.FromMilliseconds(3));
        link.Add(flood);
        link.Add(request);
        link.Run(TimeSpan.FromSeconds(3));
        Assert.InRange(request.DelayAt(0.99), 0, 1);
        Assert.True(request.Arrived > 200);
    }
}

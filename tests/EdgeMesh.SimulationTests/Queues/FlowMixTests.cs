using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>What bulk flows do to others behind one bottleneck, in virtual time (RFC 8289, RFC 8290).</summary>
public sealed class FlowMixTests
{
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    // Rate in Mbit/s, bulk flows, bytes of their packets, base round trip in ms, ECN.
    public static TheoryData<int, int, int, int, bool> Mixes => new()
    {
        { 20, 1, 1400, 40, false }, // a truck's LTE
        { 20, 4, 1400, 40, true },
        { 100, 1, 1400, 10, false },
        { 100, 8, 1400, 10, false },
        { 100, 8, 1400, 10, true },
        { 1000, 1, 1400, 2, false },
        { 1000, 4, 64_000, 2, false }, // offloaded packets
        { 1000, 16, 64_000, 10, true },
        { 2000, 4, 64_000, 1, true },
    };

    [Theory]
    [MemberData(nameof(Mixes))]
    public void Small_flows_hardly_wait_and_bulk_flows_share_the_whole_link(
        int megabits, int bulkFlows, int packetBytes, int roundTripMillis, bool usesEcn)
    {
        var queue = new FairQueue();
        Outcome outcome = Run(queue, megabits, bulkFlows, packetBytes, roundTripMillis, usesEcn);

        // A new flow waits for the packet on the wire; one that has just had its turn, for one of each bulk flow.
        double packetMillis = packetBytes * 8 / (megabits * 1000.0);
        double turnMillis = packetMillis * (bulkFlows + 1);
        Assert.InRange(outcome.Request.DelayAt(0.5), 0, (2 * packetMillis) + 0.2);
        Assert.InRange(outcome.Request.DelayAt(0.99), 0, turnMillis + 1);
        Assert.InRange(outcome.Paced.DelayAt(0.99), 0, (2 * turnMillis) + 1);
        Assert.InRange(outcome.Paced.Arrived, outcome.PacedSent - 2, outcome.PacedSent + 2); // but for those under way
        Assert.True(Jain(outcome.Bulk) >= 0.95, $"Jain {Jain(outcome.Bulk):0.000}");

        // Reno alone, halved, leaves a long path empty for a while.
        double utilizationMin = bulkFlows == 1 ? 0.8 : 0.9;
        Assert.True(outcome.Utilization >= utilizationMin, $"utilization {outcome.Utilization:0.00}");

        // CoDel holds a standing queue of one flow near its target of 5 ms, or of a packet where that takes longer.
        Assert.All(outcome.Bulk, flow => Assert.InRange(flow.DelayAt(0.5), 0, 10 + (3 * turnMillis)));
        Assert.Equal(usesEcn, queue.Marked > 0);
        Assert.Equal(usesEcn, outcome.Dropped == 0);
    }

    [Fact]
    public void Without_flow_queues_the_same_mix_waits_for_the_whole_buffer()
    {
        Outcome plain = Run(new PlainQueue(), 100, 8, 1400, 10, usesEcn: false);
        Outcome fair = Run(new FairQueue(), 100, 8, 1400, 10, usesEcn: false);
        Assert.True(plain.Request.DelayAt(0.5) > 100, $"{plain.Request.DelayAt(0.5):0.0} ms");
        Assert.True(plain.Request.DelayAt(0.5) > 50 * fair.Request.DelayAt(0.99));
    }

    [Fact]
    public void Flows_of_unequal_round_trips_get_equal_shares()
    {
        var link = new Bottleneck(new FairQueue(), 100_000_000);
        List<BulkFlow> flows =
            [.. new[] { 2, 10, 20, 40 }.Select(millis => new BulkFlow(1400, TimeSpan.FromMilliseconds(millis)))];
        flows.ForEach(link.Add);
        link.Run(WarmUp);
        flows.ForEach(flow => flow.Forget());
        link.Run(Window);
        Assert.True(Jain(flows) >= 0.95, $"Jain {Jain(flows):0.000}");
    }

    private static Outcome Run(
        IBottleneckQueue queue, int megabits, int bulkFlows, int packetBytes, int roundTripMillis, bool usesEcn)
    {
        var link = new Bottleneck(queue, megabits * 1_000_000L);
        var roundTrip = TimeSpan.FromMilliseconds(roundTripMillis);
        List<BulkFlow> bulk =
            [.. Enumerable.Range(0, bulkFlows).Select(_ => new BulkFlow(packetBytes, roundTrip) { UsesEcn = usesEcn })];
        var request = new RequestFlow(roundTrip, TimeSpan.FromMilliseconds(3)) { UsesEcn = usesEcn };
        var paced = new PacedFlow(400, TimeSpan.FromMilliseconds(20)) { UsesEcn = usesEcn };
        List<Flow> all = [.. bulk, request, paced];
        all.ForEach(link.Add);
        link.Run(WarmUp);
        all.ForEach(flow => flow.Forget());
        long pacedBefore = paced.Sent;
        long bytesBefore = link.DeliveredBytes;
        long droppedBefore = queue.Dropped;
        link.Run(Window);
        double utilization = (link.DeliveredBytes - bytesBefore) * 8 / (megabits * 1e6 * Window.TotalSeconds);
        return new Outcome(
            bulk, request, paced, paced.Sent - pacedBefore, utilization, queue.Dropped - droppedBefore);
    }

    // Jain, Chiu, Hawe 1984: 1 if all have the same, 1/n if one has all.
    private static double Jain(IReadOnlyCollection<BulkFlow> flows)
    {
        double sum = flows.Sum(flow => (double)flow.Bytes);
        return sum * sum / (flows.Count * flows.Sum(flow => (double)flow.Bytes * flow.Bytes));
    }

    private sealed record Outcome(
        IReadOnlyCollection<BulkFlow> Bulk,
        RequestFlow Request,
        PacedFlow Paced,
        long PacedSent,
        double Utilization,
        long Dropped);
}

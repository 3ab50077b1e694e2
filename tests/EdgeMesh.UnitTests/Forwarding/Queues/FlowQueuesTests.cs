using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;
using EdgeMesh.UnitTests.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Queues;

public sealed class FlowQueuesTests
{
    private static readonly Instant Start = new(1_000_000_000);
    private readonly PacketPool _pool = new(32 << 20);
    private readonly PacketLedger _ledger = new();
    private readonly PeerLedger _peer;

    public FlowQueuesTests() => _peer = _ledger.MakePeer();

    private long DroppedByCoDel => _peer.DroppedOutByReason[(int)DropReason.CoDel];

    private long DroppedByLimit => _peer.DroppedOutByReason[(int)DropReason.QueueFull];

    [Fact]
    public void One_flow_keeps_its_order()
    {
        FlowQueues queues = Make();
        for (int i = 0; i < 20; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 1, number: i));
        }

        Assert.Equal(Enumerable.Range(0, 20), Drain(queues, Start).Select(Number));
        Assert.True(queues.IsEmpty);
        Assert.Equal(0, queues.SlotBytes);
        Assert.Equal(0, queues.Bytes);
    }

    [Fact]
    public void Idle_queue_holds_no_flow_states()
    {
        long allocated = AllocatedBytes.InEachRun(() => Assert.False(Make().TryDequeue(Start, out _)));
        Assert.InRange(allocated, 0, 300);
    }

    [Fact]
    public void Sparse_flow_overtakes_a_bulk_flow()
    {
        FlowQueues queues = Make();
        for (int i = 0; i < 50; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 1, number: i, bytes: 1400));
        }

        // The bulk flow has had its first turn.
        Take(queues, Start).Dispose();
        Take(queues, Start).Dispose();
        queues.TryEnqueue(Start, Numbered(flow: 2, number: 1000));
        using Packet next = Take(queues, Start);
        Assert.Equal(1000, Number(next));
    }

    [Fact]
    public void Flows_share_by_bytes_not_by_packets()
    {
        FlowQueues queues = Make();
        for (int i = 0; i < 300; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 1, number: 1, bytes: 1400));
            queues.TryEnqueue(Start, Numbered(flow: 2, number: 2, bytes: 200));
        }

        long first = 0;
        long second = 0;
        while (first + second < 60_000)
        {
            using Packet packet = Take(queues, Start);
            first += Number(packet) == 1 ? packet.Length : 0;
            second += Number(packet) == 2 ? packet.Length : 0;
        }

        Assert.InRange((double)first / second, 0.9, 1.1);
    }

    [Fact]
    public void Super_packets_and_small_ones_share_by_bytes_too()
    {
        FlowQueues queues = Make();
        for (int i = 0; i < 20; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 1, number: 1, bytes: 60_000));
        }

        for (int i = 0; i < 1000; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 2, number: 2, bytes: 1200));
        }

        long first = 0;
        long second = 0;
        while (first + second < 600_000)
        {
            using Packet packet = Take(queues, Start);
            first += Number(packet) == 1 ? packet.Length : 0;
            second += Number(packet) == 2 ? packet.Length : 0;
        }

        Assert.InRange((double)first / second, 0.75, 1.35);
    }

    [Fact]
    public void Full_queue_drops_from_its_fattest_flow()
    {
        var pool = new PacketPool(8 * Limits.BlockBytes);
        var queues = new FlowQueues(_ledger, _peer, pool, FlowQueueOptions.Default);
        queues.TryEnqueue(Start, Numbered(flow: 1, number: 1, pool: pool));
        queues.TryEnqueue(Start, Numbered(flow: 1, number: 2, pool: pool));
        for (int i = 0; i < 300; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: 2, number: 100 + i, pool: pool));
            Assert.InRange(queues.SlotBytes, 0, 4 * Limits.BlockBytes); // two thirds of the 6 that are not the reader's
        }

        List<int> numbers = [.. Drain(queues, Start).Select(Number)];
        Assert.Contains(1, numbers);
        Assert.Contains(2, numbers);
        Assert.Contains(399, numbers); // from its front: the youngest is there
        Assert.Equal(302, numbers.Count + DroppedByLimit);
        Assert.Equal(DroppedByLimit, _ledger.DroppedOutByReason[(int)DropReason.QueueFull]);
    }

    [Fact]
    public void Queue_below_the_target_delay_is_never_touched()
    {
        FlowQueues queues = Make();
        Instant now = Start;
        for (int i = 0; i < 2000; i++)
        {
            queues.TryEnqueue(now, Numbered(flow: 1, number: i));
            queues.TryEnqueue(now, Numbered(flow: 1, number: i));
            now += TimeSpan.FromMilliseconds(4);
            Drain(queues, now).ForEach(packet => packet.Dispose());
        }

        Assert.Equal(0, DroppedByCoDel);
    }

    [Fact]
    public void Standing_queue_is_dropped_from_after_an_interval_and_ever_more_often()
    {
        FlowQueues queues = Make();
        var drops = new List<long>();
        Instant now = Start;

        // 1 packet in and 1 out each ms, 50 ms of them standing: above the target for ever.
        for (int i = 0; i < 50; i++)
        {
            queues.TryEnqueue(now, Numbered(flow: 1, number: i, bytes: 1400));
        }

        for (int ms = 0; ms < 1000; ms++)
        {
            now += TimeSpan.FromMilliseconds(1);
            queues.TryEnqueue(now, Numbered(flow: 1, number: ms, bytes: 1400));
            long before = DroppedByCoDel;
            Take(queues, now).Dispose();
            for (long drop = before; drop < DroppedByCoDel; drop++)
            {
                queues.TryEnqueue(now, Numbered(flow: 1, number: ms, bytes: 1400)); // stays 50 deep
                drops.Add(ms);
            }
        }

        // RFC 8289 §4.3: the first after an interval above the target, then interval / sqrt(count).
        Assert.InRange(drops[0], 100, 110);
        Assert.InRange(drops[1] - drops[0], 98, 102);
        Assert.InRange(drops[2] - drops[1], 69, 73);
        Assert.InRange(drops[3] - drops[2], 56, 60);
        Assert.Equal(DroppedByCoDel, _ledger.DroppedOutByReason[(int)DropReason.CoDel]);
    }

    [Fact]
    public void Last_packet_of_a_flow_is_not_dropped_however_long_it_waited()
    {
        FlowQueues queues = Make();
        Instant now = Start;
        for (int i = 0; i < 100; i++)
        {
            queues.TryEnqueue(now, Numbered(flow: 1, number: i));
            now += TimeSpan.FromSeconds(1);
            Take(queues, now).Dispose();
        }

        Assert.Equal(0, DroppedByCoDel);
        Assert.Equal(TimeSpan.FromSeconds(1), queues.LastDelay);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    [InlineData(0, false)]
    public void Ecn_capable_packets_are_marked_instead_of_dropped(byte ecn, bool isMarked)
    {
        FlowQueues queues = Make();
        for (int i = 0; i < 600; i++)
        {
            Packet packet = SamplePackets.Rent(_pool, SamplePackets.Udp4(1000, tos: (byte)(0xB8 | ecn)));
            packet.FlowHash = 1;
            queues.TryEnqueue(Start, packet);
        }

        int taken = 0;
        int marks = 0;
        Instant now = Start + TimeSpan.FromMilliseconds(10);
        while (queues.TryDequeue(now, out Packet? packet))
        {
            now += TimeSpan.FromMilliseconds(1);
            taken++;
            marks += (packet.Bytes[1] & 3) == 3 ? 1 : 0;
            Assert.Equal(0xB8, packet.Bytes[1] & 0xFC);
            Assert.Equal(0xFFFF, SamplePackets.SlowChecksum(packet.Bytes[..20]));
            packet.Dispose();
        }

        Assert.Equal(isMarked, queues.Marked > 5);
        Assert.Equal(!isMarked, DroppedByCoDel > 5);
        Assert.Equal(600, taken + DroppedByCoDel);
        Assert.True(ecn is 0 or 3 || marks == queues.Marked);
    }

    [Fact]
    public void Ipv6_packets_are_marked_without_touching_the_flow_label()
    {
        byte[] bytes = SamplePackets.Udp6(10);
        bytes[0] = 0x6B;
        bytes[1] = 0xAF; // class 0xBA: ECT(0); label begins with F
        Assert.True(EcnMark.TryMark(bytes));
        Assert.Equal([0x6B, 0xBF], bytes[..2]);
        bytes[1] = 0x8F;
        Assert.False(EcnMark.TryMark(bytes));
        Assert.Equal(0x8F, bytes[1]);
    }

    [Fact]
    public void Clearing_counts_and_returns_every_packet()
    {
        FlowQueues queues = Make();
        for (uint i = 0; i < 1000; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: i, number: 1));
        }

        queues.Clear(DropReason.PeerDown);
        Assert.Equal(1000, _peer.DroppedOutByReason[(int)DropReason.PeerDown]);
        Assert.Equal(0, _pool.RentedBytes);
        Assert.True(queues.IsEmpty);
        queues.TryEnqueue(Start, Numbered(flow: 3, number: 7));
        Assert.Equal([7], Drain(queues, Start).Select(Number));
    }

    [Fact]
    public void Whatever_happens_in_is_out_plus_dropped_plus_queued()
    {
        Gen<(int, int, int)[]> steps = Gen.Select(Gen.Int[0, 9], Gen.Int[0, 12], Gen.Int[1, 4]).Array[0, 600];
        steps.Sample(
            choices =>
            {
                var pool = new PacketPool(1 << 20);
                var ledger = new PacketLedger();
                PeerLedger peer = ledger.MakePeer();
                var queues = new FlowQueues(ledger, peer, pool, FlowQueueOptions.Default);
                Instant now = Start;
                foreach ((int action, int flow, int size) in choices)
                {
                    now += TimeSpan.FromMilliseconds(action * action);
                    if (action < 6)
                    {
                        if (pool.TryRent(size switch { 3 => 40_000, 4 => 9000, _ => size * 600 }, out Packet? packet))
                        {
                            packet.Bytes.Clear();
                            packet.FlowHash = (uint)flow;
                            packet.DatagramId = (uint)(flow > 6 ? size : 0);
                            ledger.Entered(packet.Length);
                            queues.TryEnqueue(now, packet);
                        }
                    }
                    else if (queues.TryDequeue(now, out Packet? packet))
                    {
                        ledger.Sent(peer, packet.Length);
                        packet.Dispose();
                    }

                    Assert.Equal(queues.Count, ledger.OutstandingOut);
                    Assert.Equal(queues.SlotBytes, pool.RentedBytes);
                    Assert.True(pool.WaitingBlocks <= pool.WaitingBlocksMax);
                    Assert.True(pool.WaitingBlocks > 0 == queues.Count > 0);
                }

                queues.Clear(DropReason.Stopping);
                Assert.Equal(0, ledger.OutstandingOut);
                Assert.Equal(0, pool.RentedBytes);
            },
            iter: 100);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(60, false)]
    public void Waiting_for_the_turns_of_other_flows_is_no_standing_queue(int flowCount, bool isDroppedFrom)
    {
        // Three packets of each flow stand, and each waits 14 ms, until those of all flows before it have left.
        FlowQueues queues = Make();
        Instant now = Start;
        TimeSpan wait = TimeSpan.FromMilliseconds(14);
        for (int i = 0; i < 3 * flowCount; i++)
        {
            queues.TryEnqueue(now, Numbered((uint)(i % flowCount) + 1, i, bytes: 1400));
        }

        for (int i = 0; i < 10_000; i++)
        {
            now += wait / (3 * flowCount);
            using Packet packet = Take(queues, now);
            queues.TryEnqueue(now, Numbered(packet.FlowHash, i, bytes: 1400));
        }

        Assert.Equal(isDroppedFrom, DroppedByCoDel > 0);
    }

    [Fact]
    public void Queueing_allocates_nothing_once_it_is_warm()
    {
        FlowQueues queues = Make();
        Round(queues);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 100; i++)
            {
                Round(queues);
            }
        }));
    }

    private static Packet Take(FlowQueues queues, Instant now)
    {
        Assert.True(queues.TryDequeue(now, out Packet? packet));
        return packet;
    }

    private static List<Packet> Drain(FlowQueues queues, Instant now)
    {
        var packets = new List<Packet>();
        while (queues.TryDequeue(now, out Packet? packet))
        {
            packets.Add(packet);
        }

        return packets;
    }

    private static int Number(Packet packet) => BitConverter.ToInt32(packet.Bytes);

    private FlowQueues Make() => new(_ledger, _peer, _pool, FlowQueueOptions.Default);

    private void Round(FlowQueues queues)
    {
        for (uint i = 0; i < 32; i++)
        {
            queues.TryEnqueue(Start, Numbered(flow: i % 5, number: 1));
        }

        while (queues.TryDequeue(Start, out Packet? packet))
        {
            packet.Dispose();
        }
    }

    // Not an IP packet: nothing here but the marking looks at the bytes.
    private Packet Numbered(uint flow, int number, int bytes = 100, PacketPool? pool = null)
    {
        Assert.True((pool ?? _pool).TryRent(bytes, out Packet? packet));
        packet.Bytes.Clear();
        BitConverter.TryWriteBytes(packet.Bytes, number);
        packet.FlowHash = flow;
        return packet;
    }
}

using System;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Queues;

/// <summary>How much may wait, and for how long.</summary>
public sealed class FlowQueuesMemoryTests
{
    private static readonly Instant Start = new(1_000_000_000);
    private readonly PacketLedger _ledger = new();
    private readonly PacketPool _pool = new((long)Limits.PoolMebibytesDefault << 20);

    [Fact]
    public void Peer_that_is_alone_may_hold_half_of_the_default_pool()
    {
        FlowQueues queues = Make(out PeerLedger peer);
        while (peer.DroppedOutPackets == 0)
        {
            queues.TryEnqueue(Start, Rent(64_000, flow: (uint)queues.Count));
        }

        Assert.InRange(queues.SlotBytes, 8 << 20, 9 << 20);
    }

    [Fact]
    public void Queue_whose_share_has_become_smaller_drops_its_own_packets_when_the_next_comes()
    {
        FlowQueues first = Make(out PeerLedger firstPeer);
        FlowQueues second = Make(out PeerLedger secondPeer);
        Fill(first, firstPeer);
        long alone = first.SlotBytes;
        for (int i = 0; i < 200; i++)
        {
            second.TryEnqueue(Start, Rent(64_000));
            first.TryEnqueue(Start, Rent(1000));
        }

        Assert.InRange(first.SlotBytes, alone / 3, alone * 3 / 4);
        Assert.InRange(second.SlotBytes, alone / 3, alone * 3 / 4);
        Assert.True(secondPeer.DroppedOutPackets < 150);
    }

    [Fact]
    public void Short_queue_is_served_from_what_is_spare_however_many_are_full()
    {
        for (int peer = 0; peer < 20; peer++)
        {
            FlowQueues queues = Make(out PeerLedger ledger);
            for (int round = 0; round < 3; round++)
            {
                Fill(queues, ledger);
            }
        }

        FlowQueues shortQueue = Make(out PeerLedger shortPeer);
        for (int i = 0; i < 1000; i++)
        {
            Assert.True(shortQueue.TryEnqueue(Start, Rent(64_000)));
            Assert.True(shortQueue.TryDequeue(Start, out Packet? packet));
            packet.Dispose();
            Assert.False(shortQueue.TryDequeue(Start, out _));
        }

        Assert.Equal(0, shortPeer.DroppedOutPackets);
        Assert.True(_pool.WaitingBlocks < _pool.WaitingBlocksMax);
    }

    [Fact]
    public void What_nobody_takes_is_dropped_after_a_second_by_the_timer()
    {
        FlowQueues queues = Make(out PeerLedger peer);
        Assert.Equal(Instant.Never, queues.NextShed);
        Instant now = Start;
        for (uint i = 0; i < 100; i++)
        {
            queues.TryEnqueue(now, Rent(1000, flow: i % 7));
            now += TimeSpan.FromMilliseconds(10);
        }

        Assert.Equal(Start + TimeSpan.FromSeconds(1), queues.NextShed);
        queues.ShedOld(queues.NextShed + TimeSpan.FromTicks(-1));
        Assert.Equal(0, peer.DroppedOutPackets);
        Instant first = queues.NextShed;
        queues.ShedOld(first);
        Assert.Equal(1, peer.DroppedOutByReason[(int)DropReason.TooOld]);
        int looks = 0;
        while (!queues.IsEmpty)
        {
            looks++;
            queues.ShedOld(queues.NextShed);
        }

        Assert.InRange(looks, 1, 10); // not once a packet
        Assert.Equal(100, peer.DroppedOutByReason[(int)DropReason.TooOld]);
        Assert.Equal(Instant.Never, queues.NextShed);
        Assert.Equal(0, _pool.RentedBytes);
    }

    [Fact]
    public void What_nobody_takes_is_dropped_after_a_second_by_what_comes()
    {
        FlowQueues queues = Make(out PeerLedger peer);
        Instant now = Start;
        for (int ms = 0; ms < 10_000; ms++)
        {
            queues.TryEnqueue(now, Rent(1000));
            now += TimeSpan.FromMilliseconds(1);
        }

        Assert.InRange(queues.Count, 900, 1130);
        Assert.Equal(10_000, queues.Count + peer.DroppedOutByReason[(int)DropReason.TooOld]);
    }

    [Fact]
    public void Much_is_shed_in_parts()
    {
        FlowQueues queues = Make(out _);
        for (uint i = 0; i < 2000; i++)
        {
            queues.TryEnqueue(Start, Rent(1000, flow: i % 3));
        }

        Instant now = Start + TimeSpan.FromSeconds(2);
        for (int left = 2000; left > 0;)
        {
            Assert.True(queues.NextShed <= now);
            queues.ShedOld(now);
            Assert.InRange(left - queues.Count, 1, 256);
            left = queues.Count;
        }
    }

    [Fact]
    public void Slow_queue_that_moves_keeps_its_old_packets()
    {
        FlowQueues queues = Make(out PeerLedger peer);
        for (int i = 0; i < 10; i++)
        {
            queues.TryEnqueue(Start, Rent(100, flow: (uint)i));
        }

        Instant now = Start;
        for (int i = 0; i < 10; i++)
        {
            now += TimeSpan.FromMilliseconds(900);
            queues.ShedOld(now);
            Assert.True(queues.TryDequeue(now, out Packet? packet));
            packet.Dispose();
        }

        Assert.Equal(0, peer.DroppedOutPackets);
    }

    [Fact]
    public void Overload_allocates_nothing()
    {
        FlowQueues queues = Make(out PeerLedger peer);
        Fill(queues, peer);
        Assert.Equal(0, AllocatedBytes.InEachRun(() => Fill(queues, peer)));
    }

    private static void Take(FlowQueues queues)
    {
        Assert.True(queues.TryDequeue(Start, out Packet? packet));
        packet.Dispose();
    }

    private void Fill(FlowQueues queues, PeerLedger peer)
    {
        for (uint i = 0; i < 300; i++)
        {
            queues.TryEnqueue(Start, Rent(64_000, flow: i % 5, datagramId: i / 10 % 3));
        }

        Assert.True(peer.DroppedOutPackets > 0);
        Take(queues);
    }

    private FlowQueues Make(out PeerLedger peer)
    {
        peer = _ledger.MakePeer();
        return new FlowQueues(_ledger, peer, _pool, FlowQueueOptions.Default);
    }

    private Packet Rent(int bytes, uint flow = 1, uint datagramId = 0)
    {
        Assert.True(_pool.TryRent(bytes, out Packet? packet));
        packet.FlowHash = flow;
        packet.DatagramId = datagramId;
        packet.Bytes[0] = 0; // no IP packet, so nothing to be marked
        return packet;
    }
}

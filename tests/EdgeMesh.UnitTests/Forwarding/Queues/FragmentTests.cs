using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Queues;

/// <summary>A fragmented datagram leaves whole or not at all.</summary>
public sealed class FragmentTests
{
    private static readonly Instant Start = new(1_000_000_000);
    private readonly PacketLedger _ledger = new();
    private readonly PeerLedger _peer;
    private readonly PacketPool _pool = new(8 * Limits.BlockBytes);
    private readonly FlowQueues _queues;

    public FragmentTests()
    {
        _peer = _ledger.MakePeer();
        _queues = new FlowQueues(_ledger, _peer, _pool, FlowQueueOptions.Default);
    }

    [Fact]
    public void Full_queue_drops_whole_datagrams_and_not_the_one_that_is_leaving()
    {
        Send(datagram: 1, 0, 10);
        Assert.Equal([(1, 0), (1, 1)], Take(2));
        for (int datagram = 2; _peer.DroppedOutPackets == 0; datagram++)
        {
            Send(datagram, 0, 10);
        }

        List<(int Datagram, int Index)> left = Take(int.MaxValue);
        Assert.Equal(Enumerable.Range(2, 8).Select(i => (1, i)), left.Take(8));
        Assert.All(
            left.Skip(8).GroupBy(fragment => fragment.Datagram),
            datagram => Assert.Equal(Enumerable.Range(0, 10), datagram.Select(fragment => fragment.Index)));
        Assert.Equal(0, _peer.DroppedOutPackets % 10);
    }

    [Fact]
    public void Rest_of_a_datagram_that_lost_a_fragment_is_dropped_when_it_comes_but_not_its_successor()
    {
        Instant late = Start + TimeSpan.FromSeconds(1);
        Send(datagram: 1, 0, 3);
        _queues.ShedOld(late);
        Assert.Equal(3, _peer.DroppedOutByReason[(int)DropReason.TooOld]);
        Assert.False(_queues.TryEnqueue(late, Fragment(1, 3)));
        Assert.Equal(4, _peer.DroppedOutByReason[(int)DropReason.TooOld]); // for the reason of the first
        Assert.True(_queues.TryEnqueue(late, Fragment(2, 0)));
        Assert.True(_queues.TryEnqueue(late + TimeSpan.FromSeconds(1), Fragment(1, 0))); // its number is used again
    }

    [Fact]
    public void Codel_drops_datagrams_not_fragments()
    {
        Instant now = Start;
        int datagrams = 0;
        var left = new List<(int Datagram, int Index)>();
        for (int ms = 0; ms < 2000; ms++)
        {
            now += TimeSpan.FromMilliseconds(1);
            if (_queues.Count < 80)
            {
                Send(++datagrams, 0, 5, now);
            }

            left.AddRange(Take(1, now));
        }

        Assert.True(_peer.DroppedOutByReason[(int)DropReason.CoDel] > 20);
        Assert.Equal(_peer.DroppedOutPackets, _peer.DroppedOutByReason[(int)DropReason.CoDel]);
        int last = left[^1].Datagram;
        Assert.All(
            left.Where(fragment => fragment.Datagram != last).GroupBy(fragment => fragment.Datagram),
            datagram => Assert.Equal(5, datagram.Count()));
    }

    [Fact]
    public void Datagrams_of_one_flow_may_be_mixed()
    {
        Instant late = Start + TimeSpan.FromSeconds(1);
        Send(1, 0, 1);
        Send(2, 0, 1, Start + TimeSpan.FromMilliseconds(500));
        Send(1, 1, 1, Start + TimeSpan.FromMilliseconds(501));
        Send(2, 1, 1, Start + TimeSpan.FromMilliseconds(502));
        _queues.ShedOld(late); // the first fragment of 1 is too old; the second is no use without it
        Assert.Equal([(2, 0), (2, 1)], Take(int.MaxValue, late));
        Assert.Equal(2, _peer.DroppedOutByReason[(int)DropReason.TooOld]);
    }

    // The queue is compared with what must hold of any: whole, in order, all accounted for.
    [Fact]
    public void Whatever_comes_and_goes_what_left_is_in_order_and_everything_is_counted() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[1, 40], Gen.Int[0, 3]).Array[0, 300].Sample(
            steps =>
            {
                var test = new FragmentTests();
                Instant now = Start;
                int datagrams = 0;
                long sent = 0;
                (int, int) last = default;
                foreach ((int action, int count, int millis) in steps)
                {
                    now += TimeSpan.FromMilliseconds(millis * millis * 20);
                    if (action < 3)
                    {
                        test.Send(++datagrams, 0, count, now);
                        sent += count;
                    }
                    else if (action == 3)
                    {
                        test._queues.ShedOld(now);
                    }
                    else
                    {
                        foreach ((int, int) fragment in test.Take(count, now))
                        {
                            Assert.True(fragment.CompareTo(last) > 0);
                            last = fragment;
                        }
                    }

                    Assert.Equal(sent, test._ledger.EnteredPackets);
                    Assert.Equal(test._queues.Count, test._ledger.OutstandingOut);
                    Assert.Equal(test._queues.SlotBytes, test._pool.RentedBytes);
                }

                test._queues.Clear(DropReason.Stopping);
                Assert.Equal((0, 0), (test._pool.RentedBytes, test._pool.WaitingBlocks));
            },
            iter: 200);

    private void Send(int datagram, int first, int count, Instant? now = null)
    {
        for (int index = first; index < first + count; index++)
        {
            _queues.TryEnqueue(now ?? Start, Fragment(datagram, index));
        }
    }

    private List<(int Datagram, int Index)> Take(int count, Instant? now = null)
    {
        var taken = new List<(int Datagram, int Index)>();
        while (taken.Count < count && _queues.TryDequeue(now ?? Start, out Packet? packet))
        {
            taken.Add(((int)packet.DatagramId, packet.Bytes[1]));
            _ledger.Sent(_peer, packet.Length);
            packet.Dispose();
        }

        return taken;
    }

    private Packet Fragment(int datagram, int index)
    {
        Assert.True(_pool.TryRent(1500, out Packet? packet));
        packet.Bytes[0] = 0; // no IP packet, so nothing to be marked
        packet.Bytes[1] = (byte)index;
        packet.FlowHash = 1;
        packet.DatagramId = (uint)datagram;
        _ledger.Entered(packet.Length);
        return packet;
    }
}

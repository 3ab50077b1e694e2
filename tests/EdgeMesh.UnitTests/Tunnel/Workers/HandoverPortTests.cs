using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Workers;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Workers;

public sealed class HandoverPortTests
{
    private readonly HandLoop[] _loops = [new(), new(), new()];
    private readonly PacketPool _pool = new(4 << 20);
    private readonly HandoverPort[] _ports;

    public HandoverPortTests() => _ports = HandoverPort.MakeAll([.. _loops]);

    [Fact]
    public void Packet_comes_with_its_peer_and_sender_and_its_slot_is_free_once_it_is_back()
    {
        Packet sent = Rent();
        Assert.True(_ports[0].TrySend(sent, peerIndex: 7, worker: 2));
        Assert.False(_ports[1].TryTake(out _, out _, out _));
        Assert.True(_ports[2].TryTake(out Packet? lent, out int peer, out int from));
        Assert.Same(sent, lent);
        Assert.Equal((7, 0), (peer, from));

        _ports[2].GiveBack(lent, from);
        Assert.NotEqual(0, _pool.RentedBytes);
        _ports[0].FreeReturned();
        Assert.Equal(0, _pool.RentedBytes);
    }

    [Fact]
    public void Packets_of_one_sender_keep_their_order()
    {
        List<Packet> sent = [.. Enumerable.Range(0, 50).Select(_ => Rent())];
        for (int i = 0; i < sent.Count; i++)
        {
            Assert.True(_ports[1].TrySend(sent[i], i, worker: 0));
        }

        for (int i = 0; i < sent.Count; i++)
        {
            Assert.True(_ports[0].TryTake(out Packet? lent, out int peer, out int from));
            Assert.Same(sent[i], lent);
            Assert.Equal(i, peer);
            _ports[0].GiveBack(lent, from);
        }

        _ports[1].FreeReturned();
        Assert.Equal(0, _pool.RentedBytes);
    }

    // What was taken and not given back counts too: so the way back never lacks room.
    [Fact]
    public void Worker_that_does_not_give_back_gets_a_bounded_number_and_the_sender_keeps_the_rest()
    {
        for (int i = 0; i < HandoverRing.Capacity; i++)
        {
            Assert.True(_ports[0].TrySend(Rent(), 0, worker: 1));
        }

        List<Packet> taken = [];
        while (_ports[1].TryTake(out Packet? lent, out _, out _))
        {
            taken.Add(lent);
        }

        Assert.Equal(HandoverRing.Capacity, taken.Count);
        Packet kept = Rent();
        Assert.False(_ports[0].TrySend(kept, 0, worker: 1));
        Assert.True(_ports[0].TrySend(Rent(), 0, worker: 2)); // another worker's share is its own

        _ports[1].GiveBack(taken[0], 0);
        Assert.False(_ports[0].TrySend(kept, 0, worker: 1));
        _ports[0].FreeReturned();
        Assert.True(_ports[0].TrySend(kept, 0, worker: 1));
    }

    [Fact]
    public void Batch_wakes_the_far_worker_once()
    {
        for (int i = 0; i < 10; i++)
        {
            Assert.True(_ports[0].TrySend(Rent(), 0, worker: 1));
        }

        Assert.True(_ports[2].TrySend(Rent(), 0, worker: 1));
        Assert.Equal([0, 1, 0], _loops.Select(loop => loop.PostedCount));

        _loops[1].Run();
        _ports[1].FreeReturned(); // it takes in now: what comes from here on wakes it again
        Assert.True(_ports[0].TrySend(Rent(), 0, worker: 1));
        Assert.Equal([0, 1, 0], _loops.Select(loop => loop.PostedCount));
    }

    [Fact]
    public void Giving_back_wakes_the_owner()
    {
        Assert.True(_ports[0].TrySend(Rent(), 0, worker: 1));
        Assert.True(_ports[1].TryTake(out Packet? lent, out _, out int from));
        _ports[1].GiveBack(lent, from);
        Assert.Equal(1, _loops[0].PostedCount);
    }

    private Packet Rent()
    {
        Assert.True(_pool.TryRent(100, out Packet? packet));
        return packet;
    }
}

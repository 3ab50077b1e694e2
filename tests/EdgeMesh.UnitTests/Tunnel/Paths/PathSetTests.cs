using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Dataplane.Reception;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Reception;

public sealed class LaneSetTests
{
    private static readonly Instant Start = new(1_000_000_000);
    private static readonly Instant Later = Start + LaneSet.SimultaneousWindow + TimeSpan.FromSeconds(1);

    private readonly List<LaneTicket> _closed = [];
    private long _number;

    [Fact]
    public void End_that_dialed_lane_0_dials_the_others_once_it_knows_how_many()
    {
        LaneSet set = new(workers: 4, firstWorker: 2, isOwnDialPreferred: true);
        Assert.True(set.IsFirstMissing);
        LaneTicket first = Dialed(set, 0, Start);
        Assert.False(set.IsFirstMissing);
        Assert.False(set.TryFindMissing(out _));

        Assert.True(set.Settle(first.Number, Says(0, 3), Start, _closed));
        Assert.Equal(3, set.Count);
        var workers = new HashSet<int> { first.Worker };
        Assert.Equal(2, first.Worker);
        for (int expected = 1; expected < 3; expected++)
        {
            Assert.True(set.TryFindMissing(out int index));
            Assert.Equal(expected, index);
            Assert.True(workers.Add(Dialed(set, index, Start).Worker), "two lanes at one worker");
        }

        Assert.False(set.TryFindMissing(out _));
        Assert.Empty(_closed);
    }

    [Fact]
    public void End_that_accepted_lane_0_dials_no_other()
    {
        LaneSet set = new(workers: 2, firstWorker: 0, isOwnDialPreferred: true);
        LaneTicket first = Accepted(set, Start);
        Assert.True(set.Settle(first.Number, Says(0, 2), Start, _closed));
        Assert.Equal(2, set.Count);
        Assert.False(set.TryFindMissing(out _));
        Assert.Null(set.Admit(weDialed: true, index: 1, Start, _closed));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void With_one_worker_at_either_end_there_is_one_lane(int own, int peers)
    {
        LaneSet set = new(own, firstWorker: 0, isOwnDialPreferred: true);
        LaneTicket first = Dialed(set, 0, Start);
        Assert.True(set.Settle(first.Number, Says(0, peers), Start, _closed));
        Assert.False(set.TryFindMissing(out _));

        // Another one can only be the peer that came back: it replaces the first at once.
        Accepted(set, Later);
        Assert.Equal([first], _closed);
        Assert.Single(set.Lanes);
    }

    [Fact]
    public void Lane_that_cannot_be_is_a_violation()
    {
        LaneSet set = new(workers: 2, firstWorker: 0, isOwnDialPreferred: true);
        LaneTicket first = Accepted(set, Start);
        Assert.True(set.Settle(first.Number, Says(0, 8), Start, _closed));
        LaneTicket excess = Accepted(set, Start);
        Assert.False(set.Settle(excess.Number, Says(2, 8), Start, _closed));
        Assert.False(set.Contains(excess.Number));
        Assert.True(set.Contains(first.Number));
    }

    [Fact]
    public void Newer_connection_of_the_same_index_replaces_the_older_whichever_says_so_first()
    {
        LaneSet set = new(workers: 3, firstWorker: 0, isOwnDialPreferred: true);
        Assert.True(set.Settle(Accepted(set, Start).Number, Says(0, 3), Start, _closed));
        LaneTicket older = Accepted(set, Start);
        LaneTicket newer = Accepted(set, Start);
        Assert.True(set.Settle(newer.Number, Says(1, 3), Start, _closed));
        Assert.True(set.Settle(older.Number, Says(1, 3), Start, _closed));
        Assert.Equal([older], _closed);
        Assert.True(set.Contains(newer.Number));
    }

    [Fact]
    public void Peer_that_opens_connections_without_end_has_a_bounded_number()
    {
        LaneSet set = new(workers: 3, firstWorker: 0, isOwnDialPreferred: true);
        Assert.True(set.Settle(Accepted(set, Start).Number, Says(0, 3), Start, _closed));
        for (int i = 0; i < 100; i++)
        {
            LaneTicket lane = Accepted(set, Start);
            if (i % 3 == 0)
            {
                set.Settle(lane.Number, Says(i % 4, 4), Start, _closed);
            }

            Assert.InRange(set.Lanes.Count, 1, 2 * 3);
        }
    }

    [Fact]
    public void Peer_of_another_life_replaces_every_lane_of_the_one_before()
    {
        LaneSet set = new(workers: 2, firstWorker: 0, isOwnDialPreferred: true);
        LaneTicket[] before = [Dialed(set, 0, Start), Settled(set, Says(0, 2)), Settled(set, Says(1, 2))];
        Assert.Equal([before[1]], _closed); // both ends had dialed lane 0
        _closed.Clear();
        Assert.True(set.Settle(before[0].Number, Says(0, 2), Start, _closed));

        LaneTicket back = Accepted(set, Start);
        Assert.Empty(_closed);
        Assert.True(set.Settle(back.Number, Says(0, 2, instance: 2), Start, _closed));
        Assert.Equal([before[0], before[2]], _closed);
        Assert.Equal([back], set.Lanes.Select(lane => lane.Ticket));
    }

    [Fact]
    public void New_lane_0_of_the_same_life_leaves_the_others()
    {
        LaneSet set = new(workers: 2, firstWorker: 0, isOwnDialPreferred: false);
        LaneTicket first = Settled(set, Says(0, 2));
        LaneTicket second = Settled(set, Says(1, 2));
        Assert.NotNull(set.Remove(first.Number));
        Assert.True(set.IsFirstMissing);
        LaneTicket again = Settled(set, Says(0, 2));
        Assert.Empty(_closed);
        Assert.Equal([second, again], set.Lanes.Select(lane => lane.Ticket));
        Assert.NotEqual(second.Worker, again.Worker);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public void Both_ends_end_with_the_same_lanes_whatever_crosses(int workers, int peersWorkers)
    {
        for (int seed = 0; seed < 2_000; seed++)
        {
            new LanePair(workers, peersWorkers, seed).RunAndCheck();
        }
    }

    private static Hello Says(int index, int count, ulong instance = 1) =>
        new() { NodeName = "peer", LaneIndex = index, LaneCount = count, Instance = instance };

    private LaneTicket Settled(LaneSet set, Hello hello)
    {
        LaneTicket ticket = Accepted(set, Start);
        Assert.True(set.Settle(ticket.Number, hello, Start, _closed));
        return ticket;
    }

    private LaneTicket Dialed(LaneSet set, int index, Instant now) => Take(set, weDialed: true, index, now);

    private LaneTicket Accepted(LaneSet set, Instant now) => Take(set, weDialed: false, LaneSet.IndexUnknown, now);

    private LaneTicket Take(LaneSet set, bool weDialed, int index, Instant now)
    {
        int? admitted = set.Admit(weDialed, index, now, _closed);
        Assert.NotNull(admitted);
        LaneTicket ticket = new(++_number, null!, set.PickWorker(), Math.Max(0, index), weDialed, null!);
        set.Add(ticket, admitted.Value, now);
        return ticket;
    }
}

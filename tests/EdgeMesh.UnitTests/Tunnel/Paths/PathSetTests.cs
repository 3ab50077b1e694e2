using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Paths;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Paths;

public sealed class PathSetTests
{
    private static readonly TimeSpan Trip = TimeSpan.FromMilliseconds(3);

    private readonly List<PathOrder> _orders = [];
    private Instant _now = new(1_000_000_000);
    private long _number;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 2)]
    [InlineData(4, 3)]
    public void Both_ends_end_with_the_same_ready_path_per_lane_whatever_crosses_breaks_or_restarts(
        int workers, int peersWorkers)
    {
        for (int seed = 0; seed < 1_000; seed++)
        {
            new PathPair(workers, peersWorkers, seed).RunAndCheck();
        }
    }

    [Fact]
    public void End_that_dialed_lane_0_dials_the_others_once_it_knows_how_many()
    {
        PathSet set = new(workers: 4, firstWorker: 2, isDecider: true);
        Assert.True(set.IsFirstMissing);
        PathInfo first = Dialed(set, 0);
        Assert.False(set.IsFirstMissing);
        Assert.False(set.TryFindMissing(out _));

        set.HandleHello(first.Number, Says(0, 3), _orders);
        Assert.Equal(3, set.LaneCount);
        var used = new HashSet<int> { first.Worker };
        Assert.Equal(2, first.Worker);
        for (int expected = 1; expected < 3; expected++)
        {
            Assert.True(set.TryFindMissing(out int lane));
            Assert.Equal(expected, lane);
            Assert.True(used.Add(Dialed(set, lane).Worker), "two lanes at one worker");
        }

        Assert.False(set.TryFindMissing(out _));
        Assert.Empty(_orders);
    }

    [Fact]
    public void End_that_accepted_lane_0_dials_no_other()
    {
        PathSet set = new(workers: 2, firstWorker: 0, isDecider: true);
        Ready(set, Accepted(set), Says(0, 2));
        Assert.Equal(2, set.LaneCount);
        Assert.False(set.TryFindMissing(out _));
        Assert.False(set.TryAdmit(weDialed: true, lane: 1, _orders));
    }

    [Theory]
    [InlineData(1, 4)]
    [InlineData(4, 1)]
    public void With_one_worker_at_either_end_there_is_one_lane(int own, int peers)
    {
        PathSet set = new(own, firstWorker: 0, isDecider: true);
        Ready(set, Dialed(set, 0), Says(0, peers));
        Assert.Equal(1, set.LaneCount);
        Assert.False(set.TryFindMissing(out _));
    }

    [Fact]
    public void Path_is_ready_only_once_it_has_the_Hello_and_carried_a_probe()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo path = Dialed(set, 0);
        set.HandleCarried(path.Number, Trip, _now, _orders);
        Assert.Equal(PathState.Candidate, set.Primary!.State);
        set.HandleHello(path.Number, Says(0, 1), _orders);
        Assert.Equal(PathState.Candidate, set.Primary.State);
        set.HandleCarried(path.Number, Trip, _now, _orders);
        Assert.Equal(PathState.Ready, set.Primary.State);
        Assert.Equal(Trip, set.Primary.RoundTrip);
    }

    [Fact]
    public void Path_that_does_not_answer_is_stalled_until_it_answers_again()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo path = Ready(set, Dialed(set, 0), Says(0, 1));
        set.HandleStalled(path.Number);
        Assert.True(set.Primary!.IsStalled);
        set.HandleCarried(path.Number, Trip, _now, _orders);
        Assert.False(set.Primary.IsStalled);
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, false)]
    public void Of_two_dials_that_crossed_that_of_the_smaller_peer_id_stays(bool isDecider, bool isOwnKept)
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider);
        PathInfo own = Ready(set, Dialed(set, 0), Says(0, 1));
        PathInfo other = Ready(set, Accepted(set), Says(0, 1));
        LetDecide(set, isOwnKept ? own : other);
        PathOrder order = Assert.Single(_orders);
        Assert.Equal(
            new PathOrder(PathOrderKind.Retire, isOwnKept ? other : own, PathEnding.Replaced), order);
        Assert.Equal(isOwnKept ? own : other, set.Primary!.Info);
    }

    [Fact]
    public void Connection_that_comes_later_replaces_the_older_whoever_dialed_it()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo own = Ready(set, Dialed(set, 0), Says(0, 1));
        _now += PathSet.SimultaneousWindow;
        PathInfo later = Ready(set, Accepted(set), Says(0, 1));
        Assert.Equal(new PathOrder(PathOrderKind.Retire, own, PathEnding.Replaced), Assert.Single(_orders));
        Assert.Equal(later, set.Primary!.Info);
    }

    [Fact]
    public void Later_dial_of_the_same_end_stays_whichever_came_first()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo later = Ready(set, Accepted(set), Says(0, 1) with { Sequence = 8 });
        PathInfo earlier = Ready(set, Accepted(set), Says(0, 1) with { Sequence = 7 });
        LetDecide(set, later);
        Assert.Equal(new PathOrder(PathOrderKind.Retire, earlier, PathEnding.Replaced), Assert.Single(_orders));
    }

    [Fact]
    public void Direct_path_is_kept_rather_than_a_later_relayed_one()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo direct = Ready(set, Dialed(set, 0), Says(0, 1));
        _now += PathSet.SimultaneousWindow;
        PathInfo relayed = Ready(set, Take(set, weDialed: true, 0, PathKind.Relayed), Says(0, 1));
        LetDecide(set, direct);
        Assert.Equal(new PathOrder(PathOrderKind.Retire, relayed, PathEnding.Replaced), Assert.Single(_orders));
    }

    [Fact]
    public void Path_that_is_to_stay_proves_itself_before_the_other_one_goes()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo own = Ready(set, Dialed(set, 0), Says(0, 1));
        _now += Trip;
        PathInfo other = Ready(set, Accepted(set), Says(0, 1));
        Assert.Equal(new PathOrder(PathOrderKind.Probe, own, default), Assert.Single(_orders));
        Assert.Equal(_now + PathSet.ProofTimeMax, set.NextTimeout);

        // It does not: it is closed, and the other one is used.
        _orders.Clear();
        _now = set.NextTimeout;
        set.HandleTimeout(_now, _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Close, own, PathEnding.Unanswered), Assert.Single(_orders));
        Assert.Equal(other, set.Primary!.Info);
        Assert.Equal(Instant.Never, set.NextTimeout);
    }

    [Fact]
    public void End_with_the_larger_peer_id_decides_only_when_the_other_one_does_not()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: false);
        PathInfo own = Ready(set, Dialed(set, 0), Says(0, 1));
        PathInfo other = Ready(set, Accepted(set), Says(0, 1));
        Assert.Empty(_orders);
        Assert.Equal(_now + PathSet.FollowTimeMax, set.NextTimeout);

        _now = set.NextTimeout;
        set.HandleTimeout(_now, _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Retire, own, PathEnding.Replaced), Assert.Single(_orders));
        Assert.Equal(other, set.Primary!.Info);
    }

    [Fact]
    public void End_that_decides_in_the_others_stead_wants_the_proof_too()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: false);
        PathInfo theirs = Ready(set, Accepted(set), Says(0, 1));
        Ready(set, Dialed(set, 0), Says(0, 1));
        _now = set.NextTimeout;
        set.HandleTimeout(_now, _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Probe, theirs, default), Assert.Single(_orders));
        Assert.Equal(_now + PathSet.ProofTimeMax, set.NextTimeout);
    }

    // Else the timer of a set whose first path is old would fire again and again until the peer decides.
    [Fact]
    public void End_that_follows_is_not_called_before_its_time()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: false);
        Ready(set, Dialed(set, 0), Says(0, 1));
        _now += TimeSpan.FromHours(1);
        Ready(set, Accepted(set), Says(0, 1));
        Assert.Equal(_now + PathSet.FollowTimeMax, set.NextTimeout);
    }

    [Fact]
    public void End_follows_when_the_peer_drains_a_path()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: false);
        PathInfo own = Ready(set, Dialed(set, 0), Says(0, 1));
        PathInfo other = Ready(set, Accepted(set), Says(0, 1));
        set.HandlePeerDrains(own.Number);
        Assert.Equal(other, set.Primary!.Info);
        Assert.Equal(Instant.Never, set.NextTimeout);
        Assert.NotNull(set.Remove(own.Number));
        Assert.Null(set.Remove(own.Number));
    }

    [Fact]
    public void New_lane_0_of_the_same_life_leaves_the_others_and_takes_the_free_worker()
    {
        PathSet set = new(workers: 2, firstWorker: 0, isDecider: false);
        PathInfo first = Ready(set, Accepted(set), Says(0, 2));
        PathInfo second = Ready(set, Accepted(set), Says(1, 2));
        Assert.NotEqual(first.Worker, second.Worker);
        Assert.NotNull(set.Remove(first.Number));
        Assert.True(set.IsFirstMissing);
        PathInfo again = Ready(set, Accepted(set), Says(0, 2));
        Assert.Empty(_orders);
        Assert.Equal([second, again], set.Paths.Select(path => path.Info));
        Assert.Equal(first.Worker, again.Worker);
    }

    [Fact]
    public void Peer_of_another_life_ends_every_path_to_the_one_before()
    {
        PathSet set = new(workers: 2, firstWorker: 0, isDecider: true);
        PathInfo[] before = [Ready(set, Accepted(set), Says(0, 2)), Ready(set, Accepted(set), Says(1, 2))];
        PathInfo back = Accepted(set);
        Assert.Empty(_orders);
        set.HandleHello(back.Number, Says(0, 2) with { Instance = 2 }, _orders);
        Assert.Equal(
            before.Select(path => new PathOrder(PathOrderKind.Close, path, PathEnding.PeerRestarted)), _orders);
        Assert.Equal([back], set.Paths.Select(path => path.Info));
    }

    [Fact]
    public void Hello_of_a_former_life_that_comes_late_ends_its_own_path()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        PathInfo late = Accepted(set);
        PathInfo current = Ready(set, Accepted(set), Says(0, 1) with { Instance = 2 });
        set.HandleHello(late.Number, Says(0, 1), _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Close, late, PathEnding.PeerRestarted), Assert.Single(_orders));
        Assert.Equal(current, set.Primary!.Info);
    }

    [Fact]
    public void Lane_that_cannot_be_is_a_violation()
    {
        PathSet set = new(workers: 2, firstWorker: 0, isDecider: true);
        PathInfo first = Ready(set, Accepted(set), Says(0, 8));
        PathInfo excess = Accepted(set);
        set.HandleHello(excess.Number, Says(2, 8), _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Close, excess, PathEnding.ProtocolError), Assert.Single(_orders));
        Assert.Null(set.Find(excess.Number));
        Assert.NotNull(set.Find(first.Number));
    }

    [Fact]
    public void Peer_that_has_fewer_workers_than_before_gives_lanes_up()
    {
        PathSet set = new(workers: 2, firstWorker: 0, isDecider: true);
        PathInfo first = Ready(set, Dialed(set, 0), Says(0, 2));
        PathInfo second = Ready(set, Dialed(set, 1), Says(0, 2));
        set.HandleHello(first.Number, Says(0, 1), _orders);
        Assert.Equal(new PathOrder(PathOrderKind.Retire, second, PathEnding.Replaced), Assert.Single(_orders));
    }

    [Fact]
    public void Peer_that_opens_connections_without_end_has_a_bounded_number_and_keeps_the_one_that_works()
    {
        PathSet set = new(workers: 3, firstWorker: 0, isDecider: true);
        PathInfo first = Ready(set, Accepted(set), Says(0, 3));
        for (int i = 0; i < 100; i++)
        {
            PathInfo path = Accepted(set);
            if (i % 3 == 0)
            {
                set.HandleHello(path.Number, Says(i % 3, 4), _orders);
            }

            Assert.InRange(set.Paths.Count, 1, set.PathsMax);
            Assert.Equal(PathState.Ready, set.Find(first.Number)?.State);
        }
    }

    [Fact]
    public void Connection_that_takes_the_place_of_another_goes_to_its_worker()
    {
        PathSet set = new(workers: 3, firstWorker: 1, isDecider: true);
        PathInfo first = Ready(set, Dialed(set, 0), Says(0, 3));
        PathInfo second = Dialed(set, 1);
        Assert.Equal(first.Worker, set.PickWorker(0));
        Assert.Equal(second.Worker, set.PickWorker(1));
        Assert.Equal(3 - first.Worker - second.Worker, set.PickWorker(2));
    }

    [Fact]
    public void Reports_of_a_path_that_is_gone_change_nothing()
    {
        PathSet set = new(workers: 1, firstWorker: 0, isDecider: true);
        set.HandleHello(7, Says(0, 1), _orders);
        set.HandleCarried(7, Trip, _now, _orders);
        set.HandleStalled(7);
        set.HandlePeerDrains(7);
        Assert.Null(set.Remove(7));
        Assert.Empty(set.Paths);
        Assert.Empty(_orders);
    }

    private static Hello Says(int lane, int count) =>
        new() { NodeName = "peer", LaneIndex = lane, LaneCount = count, Instance = 1 };

    private PathInfo Ready(PathSet set, PathInfo path, Hello hello)
    {
        set.HandleHello(path.Number, hello, _orders);
        _now += Trip;
        set.HandleCarried(path.Number, Trip, _now, _orders);
        Assert.Equal(PathState.Ready, set.Find(path.Number)?.State);
        return path;
    }

    // The end that decides does it by itself; the other one when its time is up. Both want the proof.
    private void LetDecide(PathSet set, PathInfo kept)
    {
        if (_orders.Count == 0)
        {
            _now = set.NextTimeout;
            set.HandleTimeout(_now, _orders);
        }

        if (_orders.RemoveAll(order => order.Kind == PathOrderKind.Probe && order.Path == kept) > 0)
        {
            set.HandleCarried(kept.Number, Trip, _now, _orders);
        }
    }

    private PathInfo Dialed(PathSet set, int lane) => Take(set, weDialed: true, lane);

    private PathInfo Accepted(PathSet set) => Take(set, weDialed: false, PathSet.LaneUnknown);

    private PathInfo Take(PathSet set, bool weDialed, int lane, PathKind kind = PathKind.Direct)
    {
        Assert.True(set.TryAdmit(weDialed, lane, _orders));
        PathInfo info = new(++_number, null!, set.PickWorker(lane), Math.Max(0, lane), weDialed, kind, null!);
        set.Add(info, _now);
        return info;
    }
}

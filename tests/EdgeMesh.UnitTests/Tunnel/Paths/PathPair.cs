using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Paths;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel.Paths;

/// <summary>
/// Two nodes that dial each other, on a network that delays everything as one seed has it: which of the things that may
/// happen next happens, is drawn. Operators ask for new connections; connections break or fall silent; nodes restart.
/// </summary>
internal sealed class PathPair
{
    private const int StepsMax = 20_000;
    private const int TraceLinesMax = 60;

    private readonly PathEnd[] _ends;
    private readonly List<PathWire> _wires = [];
    private readonly List<PathOrder> _orders = [];
    private readonly Random _random;
    private readonly string _case;
    private readonly bool _isNetworkSound;
    private readonly Queue<string> _trace = new(); // the last things that happened
    private Instant _now = new(1_000_000_000);
    private int _faults;
    private int _wishes;

    public PathPair(int workers, int peersWorkers, int seed)
    {
        _random = new Random(seed);
        _case = $"{workers} and {peersWorkers} workers, seed {seed}";
        _faults = Math.Max(0, _random.Next(6) - 2);
        _isNetworkSound = _faults == 0;
        _wishes = _random.Next(4);
        _ends = [new PathEnd(0, workers), new PathEnd(1, peersWorkers)];
    }

    /// <summary>Runs until nothing is left to happen, then compares the two ends.</summary>
    public void RunAndCheck()
    {
        for (int step = 0; step < StepsMax; step++)
        {
            List<Action> possible = [.. Possible()];
            if (possible.Count > 0)
            {
                possible[_random.Next(possible.Count)]();
                _now += TimeSpan.FromMicroseconds(_random.Next(500)); // in all far less than any time of a path set
            }
            else if (_wishes > 0)
            {
                _now += TimeSpan.FromSeconds(_random.Next(10)); // all is quiet: the next wish comes now or later
                Wish();
            }
            else if (!TryWaitLong())
            {
                Check();
                return;
            }

            CheckUsable();
        }

        Fail("they never agreed");
    }

    private void Fail(string what) => Assert.Fail($"{_case}: {what}; before that:\n{string.Join('\n', _trace)}");

    private void Trace(string what)
    {
        _trace.Enqueue($"{_now.Nanoseconds / 1000} us: {what}");
        if (_trace.Count > TraceLinesMax)
        {
            _trace.Dequeue();
        }
    }

    private string Name(PathWire wire) => $"connection {_wires.IndexOf(wire)}";

    private void Check()
    {
        int count = Math.Min(_ends[0].Workers, _ends[1].Workers);
        string[] sets = [.. _ends.Select(end => string.Join(' ', end.Set.Paths
            .Select(path => $"{path.LaneIndex}:{IndexOf(end, path.Info.Number)}").Order(StringComparer.Ordinal)))];
        if (sets[0] != sets[1])
        {
            Fail($"the ends have {sets[0]} and {sets[1]}");
        }

        foreach (PathEnd end in _ends)
        {
            Assert.Equal(Enumerable.Range(0, count), end.Set.Paths.Select(path => path.LaneIndex).Order());
            Assert.All(end.Set.Paths, path => Assert.True(path.State == PathState.Ready, _case));
            Assert.All(end.Set.Paths, path => Assert.True(
                _wires[IndexOf(end, path.Info.Number)].Sides.All(side => side.IsUsable), _case));
        }
    }

    // Where nothing breaks, packets can always be sent once they could be: no replacement leaves a gap.
    private void CheckUsable()
    {
        foreach (PathEnd end in _ends)
        {
            bool isUsable = _wires.Exists(wire => wire.Sides[end.Number].IsUsable
                && end.Set.Find(wire.Sides[end.Number].Number)?.LaneIndex == 0);
            if (_isNetworkSound && end.WasUsable && !isUsable)
            {
                Fail($"end {end.Number} had a gap at lane 0");
            }

            end.WasUsable |= isUsable;
        }
    }

    private int IndexOf(PathEnd end, long number) => _wires.FindLastIndex(
        wire => wire.Sides[end.Number].Number == number && wire.Sides[end.Number].Stage != PathWire.Stage.Closed);

    private IEnumerable<Action> Possible()
    {
        foreach (PathEnd end in _ends)
        {
            if (end.Set.IsFirstMissing && !IsDialing(end, isFirst: true))
            {
                yield return () => Dial(end, 0);
            }

            if (end.Set.TryFindMissing(out int lane) && !IsDialing(end, isFirst: false))
            {
                yield return () => Dial(end, lane);
            }

            foreach (PathWire wire in _wires.Where(wire => wire.Sides[end.Number].Stage != PathWire.Stage.Closed))
            {
                if (PossibleAt(wire, end) is { } next)
                {
                    yield return next;
                }
            }
        }

        if (_faults > 0)
        {
            yield return Break;
        }

        if (_wishes > 0 && _random.Next(20) == 0)
        {
            yield return Wish;
        }
    }

    private Action? PossibleAt(PathWire wire, PathEnd end)
    {
        PathWire.Side side = wire.Sides[end.Number];
        bool isFarThere = wire.Sides[1 - end.Number].Stage != PathWire.Stage.None;
        if (wire.IsSilent)
        {
            return null;
        }

        if (side.Stage == PathWire.Stage.None)
        {
            return wire.Dialer == end.Number || isFarThere ? () => Establish(wire, end) : null;
        }

        return side.Inbox.Count > 0 ? () => Deliver(wire, end) : null;
    }

    private bool IsDialing(PathEnd end, bool isFirst) => _wires.Exists(
        wire => wire.Dialer == end.Number && wire.Lane == 0 == isFirst
            && wire.Sides[end.Number].Stage == PathWire.Stage.None);

    private void Dial(PathEnd end, int lane)
    {
        _wires.Add(new PathWire(end.Number, lane));
        Trace($"end {end.Number} dials lane {lane}: connection {_wires.Count - 1}");
    }

    private void Establish(PathWire wire, PathEnd end)
    {
        bool weDialed = wire.Dialer == end.Number;
        bool isAdmitted = end.Set.TryAdmit(weDialed, weDialed ? wire.Lane : PathSet.LaneUnknown, _orders);
        Execute(end);
        Trace($"{Name(wire)} is there at end {end.Number}{(isAdmitted ? "" : ", which closes it")}");
        if (!isAdmitted)
        {
            wire.Close(end.Number);
            return;
        }

        int worker = end.Set.PickWorker(weDialed ? wire.Lane : PathSet.LaneUnknown);
        Assert.InRange(worker, 0, end.Workers - 1);
        PathInfo info = new(
            ++end.Numbers, null!, worker, weDialed ? wire.Lane : 0, weDialed, PathKind.Direct, null!);
        end.Set.Add(info, _now);
        Assert.InRange(end.Set.Paths.Count, 1, end.Set.PathsMax);
        wire.Sides[end.Number].Stage = PathWire.Stage.Open;
        wire.Sides[end.Number].Number = info.Number;
        wire.SendTo(1 - end.Number, PathWire.MessageKind.Hello, new Hello
        {
            NodeName = "n",
            LaneIndex = info.LaneIndex,
            LaneCount = end.Workers,
            Instance = end.Instance,
            Sequence = weDialed ? (ulong)info.Number : 0,
        });
    }

    private void Deliver(PathWire wire, PathEnd end)
    {
        PathWire.Side side = wire.Sides[end.Number];
        (PathWire.MessageKind kind, Hello? hello) = side.Inbox.Dequeue();
        Trace($"end {end.Number} gets {kind} on {Name(wire)}");
        switch (kind)
        {
            case PathWire.MessageKind.Hello:
                side.HasHello = true;
                end.Set.HandleHello(side.Number, hello!, _orders);
                wire.SendTo(1 - end.Number, PathWire.MessageKind.Probe);
                break;
            case PathWire.MessageKind.Probe:
                wire.SendTo(1 - end.Number, PathWire.MessageKind.Reply);
                break;
            case PathWire.MessageKind.Reply:
                side.CarriedAt = _now;
                side.ReadyAt = side.ReadyAt == Instant.Never ? _now : side.ReadyAt;
                end.Set.HandleCarried(side.Number, TimeSpan.FromMilliseconds(1), _now, _orders);
                break;
            case PathWire.MessageKind.Drain:
                side.IsDrainHere = true;
                end.Set.HandlePeerDrains(side.Number);
                Retire(wire, end);
                break;
            default:
                Lose(wire, end);
                break;
        }

        Execute(end);
    }

    // What the worker's lane does: it says that nothing more comes, and ends when both have.
    private static void Retire(PathWire wire, PathEnd end)
    {
        PathWire.Side side = wire.Sides[end.Number];
        if (!side.IsRetired)
        {
            side.IsRetired = true;
            wire.SendTo(1 - end.Number, PathWire.MessageKind.Drain);
        }

        if (side.IsDrainHere)
        {
            Lose(wire, end);
        }
    }

    private static void Lose(PathWire wire, PathEnd end)
    {
        bool wasOpen = wire.Sides[end.Number].Stage == PathWire.Stage.Open;
        wire.Close(end.Number);
        if (wasOpen)
        {
            end.Set.Remove(wire.Sides[end.Number].Number);
        }
    }

    private void Execute(PathEnd end)
    {
        foreach (PathOrder order in _orders.ToList())
        {
            PathWire wire = _wires[IndexOf(end, order.Path.Number)];
            Trace($"end {end.Number} orders {order.Kind} ({order.Ending}) of {Name(wire)}");
            CheckReplacement(end, order, wire.Sides[end.Number]);
            if (order.Kind == PathOrderKind.Probe)
            {
                wire.SendTo(1 - end.Number, PathWire.MessageKind.Probe);
            }
            else if (order.Kind == PathOrderKind.Retire)
            {
                Retire(wire, end);
            }
            else
            {
                Lose(wire, end);
            }
        }

        _orders.Clear();
    }

    private void CheckReplacement(PathEnd end, PathOrder order, PathWire.Side side)
    {
        if (order.Kind == PathOrderKind.Probe || order.Ending != PathEnding.Replaced || side.ReadyAt == Instant.Never
            || side.IsDrainHere || end.Set.Find(order.Path.Number)?.LaneIndex >= end.Set.LaneCount)
        {
            return; // not replaced, or never in use
        }

        int lane = end.Set.Find(order.Path.Number)?.LaneIndex ?? PathSet.LaneUnknown;
        bool hasSuccessor = end.Set.Paths.Any(path => path.LaneIndex == lane && path.State == PathState.Ready
            && _wires[IndexOf(end, path.Info.Number)].Sides[end.Number].CarriedAt >= side.ReadyAt);
        if (!hasSuccessor && !side.IsRetired)
        {
            Fail($"path {order.Path.Number} of end {end.Number} went before its successor carried a probe");
        }
    }

    // All is quiet for now: a path set's time comes, or a kernel gives up a connection that it hears nothing of.
    private bool TryWaitLong()
    {
        List<(PathWire Wire, PathEnd End)> silent =
        [
            .. from wire in _wires
            where wire.IsSilent
            from end in _ends
            where wire.Sides[end.Number].Stage != PathWire.Stage.Closed
            select (wire, end),
        ];
        if (silent.Count == 0 || (_random.Next(2) == 0 && _ends.Any(end => end.Set.NextTimeout != Instant.Never)))
        {
            return TryJumpToTimeout();
        }

        (PathWire lost, PathEnd at) = silent[_random.Next(silent.Count)];
        Trace($"end {at.Number} gives {Name(lost)} up");
        Lose(lost, at);
        return true;
    }

    private bool TryJumpToTimeout()
    {
        PathEnd next = _ends.MinBy(end => end.Set.NextTimeout)!;
        if (next.Set.NextTimeout == Instant.Never)
        {
            return false;
        }

        _now = next.Set.NextTimeout > _now ? next.Set.NextTimeout : _now;
        Trace($"end {next.Number}'s time is up");
        next.Set.HandleTimeout(_now, _orders);
        Execute(next);
        if (next.Set.NextTimeout <= _now)
        {
            Fail($"end {next.Number} wants to be called again at once, for nothing");
        }

        return true;
    }

    // An operator asks for a new connection though there is one.
    private void Wish()
    {
        _wishes--;
        Dial(_ends[_random.Next(2)], 0);
    }

    private void Break()
    {
        _faults--;
        PathEnd end = _ends[_random.Next(2)];
        List<PathWire> open = _wires.FindAll(wire => wire.Sides[end.Number].Stage == PathWire.Stage.Open);
        switch (_random.Next(3))
        {
            case 0 when open.Count > 0:
                PathWire broken = open[_random.Next(open.Count)];
                broken.Sides[1 - end.Number].Inbox.Clear(); // what was on its way is lost with it
                Lose(broken, end);
                Trace($"{Name(broken)} breaks at end {end.Number}");
                break;
            case 1 when open.Count > 0:
                PathWire silent = open[_random.Next(open.Count)];
                silent.IsSilent = true;
                Trace($"{Name(silent)} falls silent");
                Array.ForEach(silent.Sides, side => side.Inbox.Clear());
                break;
            default:
                // The node restarts; the other one hears of it late, in any order with what the new process does.
                Trace($"end {end.Number} starts again");
                end.StartAgain();
                _wires.ForEach(wire => wire.Close(end.Number));
                break;
        }
    }
}

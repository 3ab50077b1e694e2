using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Dataplane.Reception;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using Xunit;

namespace EdgeMesh.UnitTests.Dataplane.Reception;

/// <summary>
/// Two nodes that dial each other, on a network that delays everything as one seed has it: which of the things that
/// may happen next happens, is drawn. Now and then a connection breaks or a node starts anew.
/// </summary>
internal sealed class LanePair
{
    private const int StepsMax = 5_000;

    private readonly End[] _ends;
    private readonly List<Link> _links = [];
    private readonly Random _random;
    private readonly string _case;
    private Instant _now = new(1_000_000_000);
    private readonly bool _isWhole;
    private int _faults;

    public LanePair(int workers, int peersWorkers, int seed)
    {
        _random = new Random(seed);
        _case = $"{workers} and {peersWorkers} workers, seed {seed}";
        _faults = _random.Next(4);
        _isWhole = _faults == 0;
        _ends = [new End(0, workers), new End(1, peersWorkers)];
    }

    /// <summary>Runs until nothing is left to happen, then compares the two ends.</summary>
    public void RunAndCheck()
    {
        for (int step = 0; step < StepsMax; step++)
        {
            List<Action> possible = [.. Possible()];
            if (possible.Count == 0)
            {
                Check();
                return;
            }

            possible[_random.Next(possible.Count)]();
            _now += TimeSpan.FromMicroseconds(_random.Next(500)); // in all less than the window
        }

        Assert.Fail($"{_case}: they never agreed");
    }

    private void Check()
    {
        int count = Math.Min(_ends[0].Workers, _ends[1].Workers);
        if (_isWhole)
        {
            // Each end dials each lane once; once more if it hears that its own was closed before it sees the other's.
            Assert.True(_links.Count <= (2 * count) + 1, $"{_case}: {_links.Count} dials for {count} lanes");
        }

        string[] sets = [.. _ends.Select(end => string.Join(
            ' ', end.Lanes.Lanes.OrderBy(lane => lane.Index).Select(lane => $"{lane.Index}:{LinkOf(end, lane)}")))];
        Assert.True(sets[0] == sets[1], $"{_case}: {sets[0]} | {sets[1]}");
        Assert.Equal(Enumerable.Range(0, count), _ends[0].Lanes.Lanes.Select(lane => lane.Index).Order());
        Assert.All(_ends, end => Assert.All(end.Lanes.Lanes, lane => Assert.True(lane.IsReady, _case)));
    }

    private int LinkOf(End end, LaneEntry lane) =>
        _links.FindIndex(link => link.Tickets[end.Number] == lane.Ticket.Number);

    private IEnumerable<Action> Possible()
    {
        foreach (End end in _ends)
        {
            if (end.Lanes.IsFirstMissing && !IsDialing(end, 0))
            {
                yield return () => _links.Add(new Link(end.Number, 0, end.Life, _ends[1 - end.Number].Life));
            }

            if (end.Lanes.TryFindMissing(out int index) && !IsDialing(end, index))
            {
                yield return () => _links.Add(new Link(end.Number, index, end.Life, _ends[1 - end.Number].Life));
            }
        }

        foreach (Link link in _links.Where(link => !link.IsOver).ToList())
        {
            foreach (Action next in Possible(link))
            {
                yield return next;
            }
        }

        if (_faults > 0)
        {
            yield return Break;
        }
    }

    private IEnumerable<Action> Possible(Link link)
    {
        for (int number = 0; number < 2; number++)
        {
            End end = _ends[number];
            int far = 1 - number;
            if (link.Stages[number] == Stage.None
                && (number == link.Dialer || (link.Stages[far] is not Stage.None)))
            {
                yield return () => Establish(link, end);
            }
            else if (link.Stages[number] == Stage.Open)
            {
                if (!link.HelloRead[number] && link.HelloSent[far])
                {
                    yield return () => ReadHello(link, end);
                }

                if (link.Stages[far] == Stage.Closed)
                {
                    yield return () => Close(link, end); // what was on its way may be lost with the connection
                }
            }
        }
    }

    private bool IsDialing(End end, int index) => _links.Exists(
        link => link.Dialer == end.Number && link.Index == index && link.Stages[end.Number] == Stage.None);

    private void Establish(Link link, End end)
    {
        if (link.Lives[end.Number] != end.Life || link.Stages[1 - end.Number] == Stage.Closed)
        {
            link.Stages[end.Number] = Stage.Closed;
            return;
        }

        bool weDialed = link.Dialer == end.Number;
        List<LaneTicket> closed = [];
        int? admitted = end.Lanes.Admit(weDialed, weDialed ? link.Index : LaneSet.IndexUnknown, _now, closed);
        CloseAll(end, closed);
        if (admitted is not { } index)
        {
            link.Stages[end.Number] = Stage.Closed;
            return;
        }

        LaneTicket ticket = new(
            ++end.Tickets, null!, end.Lanes.PickWorker(), weDialed ? link.Index : 0, weDialed, null!);
        Assert.InRange(ticket.Worker, 0, end.Workers - 1);
        end.Lanes.Add(ticket, index, _now);
        link.Stages[end.Number] = Stage.Open;
        link.Tickets[end.Number] = ticket.Number;
        link.HelloSent[end.Number] = true;
    }

    private void ReadHello(Link link, End end)
    {
        End far = _ends[1 - end.Number];
        link.HelloRead[end.Number] = true;
        Hello hello = new()
        {
            NodeName = "peer",
            LaneIndex = link.Dialer == far.Number ? link.Index : 0,
            LaneCount = far.Workers,
            Instance = (ulong)link.Lives[far.Number],
        };
        List<LaneTicket> closed = [];
        Assert.True(end.Lanes.Settle(link.Tickets[end.Number], hello, _now, closed), _case);
        CloseAll(end, closed);
    }

    private void CloseAll(End end, List<LaneTicket> closed)
    {
        foreach (LaneTicket ticket in closed)
        {
            Link link = _links.Find(each => each.Tickets[end.Number] == ticket.Number)!;
            link.Stages[end.Number] = Stage.Closed;
        }
    }

    private void Close(Link link, End end)
    {
        link.Stages[end.Number] = Stage.Closed;
        end.Lanes.Remove(link.Tickets[end.Number]);
    }

    private void Break()
    {
        _faults--;
        End end = _ends[_random.Next(2)];
        if (_random.Next(2) == 0)
        {
            if (_links.FindAll(each => each.Stages[end.Number] == Stage.Open) is { Count: > 0 } open)
            {
                Close(open[_random.Next(open.Count)], end);
            }

            return;
        }

        // The node starts anew; the other one hears of it late, in any order with what the new process does.
        end.StartAnew();
        foreach (Link link in _links.Where(link => !link.IsOver))
        {
            link.Stages[end.Number] = Stage.Closed;
            link.Tickets[end.Number] = -1;
        }
    }

    private enum Stage
    {
        None,
        Open,
        Closed,
    }

    private sealed class End(int number, int workers)
    {
        public int Number { get; } = number;

        public int Workers { get; } = workers;

        public int Life { get; private set; } = 1;

        public long Tickets { get; set; }

        public LaneSet Lanes { get; private set; } = new(workers, 0, isOwnDialPreferred: number == 0);

        public void StartAnew()
        {
            Life++;
            Lanes = new LaneSet(Workers, 0, isOwnDialPreferred: Number == 0);
        }
    }

    private sealed class Link(int dialer, int index, params int[] lives)
    {
        public int Dialer { get; } = dialer;

        public int Index { get; } = index;

        public int[] Lives { get; } = dialer == 0 ? lives : [lives[1], lives[0]];

        public Stage[] Stages { get; } = new Stage[2];

        public long[] Tickets { get; } = [-1, -1];

        public bool[] HelloSent { get; } = new bool[2];

        public bool[] HelloRead { get; } = new bool[2];

        public bool IsOver => Stages[0] == Stage.Closed && Stages[1] == Stage.Closed;
    }
}

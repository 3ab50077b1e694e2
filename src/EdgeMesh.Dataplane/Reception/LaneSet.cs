using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>Decides which connections of one peer are kept, and which are missing. No I/O, no clock.</summary>
/// <remarks>
/// Between two nodes with several workers there are as many lanes as the one with fewer workers has. Both ends dial
/// lane 0; the end whose dial became lane 0 dials the others once it knows from the peer's Hello how many. The end that
/// accepts learns from the Hello which lane a connection is; until then it is provisional. Of two connections for the
/// same lane, both ends keep the same one:
/// <list type="bullet">
/// <item>dialed by the same end: the later one, for that end has lost the other;</item>
/// <item>dialed by both ends within <see cref="SimultaneousWindow"/>: the one of the smaller peer id;</item>
/// <item>otherwise the later one.</item>
/// </list>
/// A Hello of another life of the peer ends every older lane: they lead to a process that is gone.
/// </remarks>
internal sealed class LaneSet(int workers, int firstWorker, bool isOwnDialPreferred)
{
    /// <summary>Index of a lane whose Hello is not here yet.</summary>
    public const int IndexUnknown = -1;

    /// <summary>
    /// Two connections of the same pair that come within this time are both ends dialing at once; later, a second
    /// one means that the peer lost the first.
    /// </summary>
    public static readonly TimeSpan SimultaneousWindow = TimeSpan.FromSeconds(5);

    private readonly List<LaneEntry> _lanes = []; // oldest first
    private int _count = 1;

    /// <summary>The connections, oldest first.</summary>
    public IReadOnlyList<LaneEntry> Lanes => _lanes;

    /// <summary>How many lanes there should be; 1 until the peer said how many it has.</summary>
    public int Count => _count;

    /// <summary>Whether there is no lane 0 and none that may turn out to be it.</summary>
    public bool IsFirstMissing => !_lanes.Exists(lane => lane.Index <= 0);

    /// <summary>The lane that stands for all in reports: lane 0 where it is there; null if there is none.</summary>
    public LaneEntry? Primary => AtIndex(0) ?? _lanes.FirstOrDefault();

    /// <summary>Whether a connection is one of the set.</summary>
    public bool Contains(long number) => Find(number) is not null;

    /// <summary>Says whether a new connection may come in, and makes room for it.</summary>
    /// <param name="weDialed">Whether we dialed it.</param>
    /// <param name="index">The lane we dialed; no matter if we accepted.</param>
    /// <param name="now">Now.</param>
    /// <param name="closed">Gets those that end for it; the set has forgotten them.</param>
    /// <returns>The lane's index, to be given to <see cref="Add"/>; null if the connection is to be closed.</returns>
    public int? Admit(bool weDialed, int index, Instant now, List<LaneTicket> closed)
    {
        int known = weDialed ? index : IndexIfAccepted();
        if (known == IndexUnknown)
        {
            EvictProvisional(closed);
            return known;
        }

        if (weDialed && index > 0 && !MayDial(index))
        {
            return null;
        }

        if (AtIndex(known) is { } old)
        {
            if (IsOldKept(old, weDialed, now))
            {
                return null;
            }

            Drop(old, closed);
        }

        return known;
    }

    /// <summary>The worker for the next connection: one without a lane where there is one.</summary>
    public int PickWorker()
    {
        int best = firstWorker;
        for (int step = 1; step < workers; step++)
        {
            int worker = (firstWorker + step) % workers;
            best = LoadOf(worker) < LoadOf(best) ? worker : best;
        }

        return best;
    }

    /// <summary>Takes an admitted connection in.</summary>
    public void Add(LaneTicket ticket, int index, Instant now)
    {
        Debug.Assert(_lanes.Count == 0 || _lanes[^1].Ticket.Number < ticket.Number);
        _lanes.Add(new LaneEntry(ticket, index, now));
    }

    /// <summary>The peer's Hello on a connection is here.</summary>
    /// <param name="number">Which connection.</param>
    /// <param name="hello">What it says.</param>
    /// <param name="now">Now.</param>
    /// <param name="closed">Gets those that end because of it, this one perhaps; the set has forgotten them.</param>
    /// <returns>False if the peer asks for a lane that can't be; the set has forgotten it.</returns>
    public bool Settle(long number, Hello hello, Instant now, List<LaneTicket> closed)
    {
        if (Find(number) is not { } lane)
        {
            return true; // ended meanwhile
        }

        int count = Math.Min(workers, hello.LaneCount);
        if (!lane.Ticket.WeDialed && hello.LaneIndex >= count)
        {
            _lanes.Remove(lane);
            return false;
        }

        lane.IsReady = true;
        lane.Instance = hello.Instance;
        if (!EndOtherLives(lane, closed))
        {
            Drop(lane, closed);
            return true;
        }

        _count = count;
        if (!lane.Ticket.WeDialed)
        {
            Place(lane, hello.LaneIndex, now, closed);
        }

        DropBeyondCount(closed);
        return true;
    }

    /// <summary>A connection ended.</summary>
    /// <returns>The lane that it was; null if it was of the set no longer.</returns>
    public LaneEntry? Remove(long number)
    {
        LaneEntry? lane = Find(number);
        if (lane is not null)
        {
            _lanes.Remove(lane);
        }

        return lane;
    }

    /// <summary>Which lane this end should dial now, besides lane 0.</summary>
    public bool TryFindMissing(out int index)
    {
        for (index = 1; index < _count; index++)
        {
            if (MayDial(index) && AtIndex(index) is null)
            {
                return true;
            }
        }

        return false;
    }

    private bool MayDial(int index) =>
        index < _count && AtIndex(0) is { IsReady: true, Ticket.WeDialed: true };

    // A peer dials further lanes only after it heard of more than one worker here, and has more than one itself.
    private int IndexIfAccepted() =>
        workers == 1 || (_count == 1 && _lanes.Exists(lane => lane.IsReady)) ? 0 : IndexUnknown;

    private bool IsOldKept(LaneEntry old, bool weDialed, Instant now) =>
        old.Ticket.WeDialed != weDialed
        && weDialed != isOwnDialPreferred
        && now - old.Since < SimultaneousWindow;

    private void Place(LaneEntry lane, int index, Instant now, List<LaneTicket> closed)
    {
        LaneEntry? old = _lanes.Find(other => other.Index == index && !ReferenceEquals(other, lane));
        lane.Index = index;
        if (old is null)
        {
            return;
        }

        bool isOldKept = old.Ticket.WeDialed == lane.Ticket.WeDialed
            ? old.Ticket.Number > lane.Ticket.Number
            : IsOldKept(old, lane.Ticket.WeDialed, now);
        Drop(isOldKept ? lane : old, closed);
    }

    // Returns false if this lane itself is of a former life.
    private bool EndOtherLives(LaneEntry lane, List<LaneTicket> closed)
    {
        if (lane.Instance == 0)
        {
            return true;
        }

        List<LaneEntry> others = _lanes.FindAll(
            other => other.IsReady && other.Instance != 0 && other.Instance != lane.Instance);
        if (others.Exists(other => other.Ticket.Number > lane.Ticket.Number))
        {
            return false;
        }

        others.ForEach(other => Drop(other, closed));
        return true;
    }

    private void DropBeyondCount(List<LaneTicket> closed)
    {
        foreach (LaneEntry lane in _lanes.FindAll(lane => lane.Index >= _count))
        {
            Drop(lane, closed);
        }
    }

    // As many as there may be lanes: one more ends the oldest, as a newer handshake does.
    private void EvictProvisional(List<LaneTicket> closed)
    {
        if (_lanes.FindAll(lane => lane.Index == IndexUnknown) is { } provisional && provisional.Count >= workers)
        {
            Drop(provisional[0], closed);
        }
    }

    private void Drop(LaneEntry lane, List<LaneTicket> closed)
    {
        _lanes.Remove(lane);
        closed.Add(lane.Ticket);
    }

    // A provisional lane may be gone soon, so it counts less than all that may be settled.
    private int LoadOf(int worker) => _lanes.Where(lane => lane.Ticket.Worker == worker)
        .Sum(lane => lane.Index == IndexUnknown ? 1 : workers + 1);

    private LaneEntry? AtIndex(int index) => _lanes.Find(lane => lane.Index == index);

    private LaneEntry? Find(long number) => _lanes.Find(lane => lane.Ticket.Number == number);
}

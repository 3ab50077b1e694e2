using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;

namespace EdgeMesh.Tunnel.Paths;

/// <summary>
/// Which ways to one peer there are, which are used, and when that changes. No I/O, no clock: time comes in, orders for
/// workers go out.
/// </summary>
/// <remarks>
/// A path is taken in as soon as its handshake is over, and is ready once it carried a probe there and back. Between
/// two nodes with several workers there are as many lanes as the one with fewer workers has. Both ends dial lane 0; the
/// end whose dial became lane 0 dials the others once it knows from the peer's Hello how many. Where two paths are
/// ready for one lane, one stays:
/// <list type="bullet">
/// <item>a direct one rather than a relayed one;</item>
/// <item>of two dialed by the same end the later one, for that end wants it instead of the other;</item>
/// <item>of two that came within <see cref="SimultaneousWindow"/>, dialed by both ends, that of the smaller peer id;
/// </item>
/// <item>otherwise the later one.</item>
/// </list>
/// Only the end with the smaller peer id decides, so both ends agree; the other one follows when it is told that the
/// peer sends nothing more on a path, and decides itself if it hears nothing for <see cref="FollowTimeMax"/>. The path
/// that stays must have carried a probe since the other one was ready: nothing closes before its successor works. A
/// Hello of another life of the peer ends every older path at once, as those lead to a process that is gone.
/// </remarks>
/// <param name="workers">How many workers this node has.</param>
/// <param name="firstWorker">Where the first path goes.</param>
/// <param name="isDecider">Whether our peer id is the smaller one.</param>
internal sealed class PathSet(int workers, int firstWorker, bool isDecider)
{
    /// <summary>Lane of a path whose Hello is not here yet.</summary>
    public const int LaneUnknown = -1;

    /// <summary>
    /// Two connections of the same pair that come within this time are both ends dialing at once; later, a second one
    /// means that its dialer wants it instead of the first.
    /// </summary>
    public static readonly TimeSpan SimultaneousWindow = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a path that is to stay may take to carry a probe: the same as TCP's first retransmissions at 1 s.
    /// </summary>
    public static readonly TimeSpan ProofTimeMax = TimeSpan.FromSeconds(3);

    /// <summary>How long the end with the larger peer id waits for the other one to decide.</summary>
    public static readonly TimeSpan FollowTimeMax = TimeSpan.FromSeconds(10);

    private readonly List<Path> _paths = []; // oldest first
    private int _laneCount = 1;

    /// <summary>The paths, oldest first.</summary>
    public IReadOnlyList<Path> Paths => _paths;

    /// <summary>How many lanes there should be; 1 until the peer said how many it has.</summary>
    public int LaneCount => _laneCount;

    /// <summary>Paths at a time, at most: each lane's, one to take its place, and as many that end.</summary>
    public int PathsMax => (2 * workers) + 4;

    /// <summary>Whether there is no lane 0, and no path that may turn out to be it.</summary>
    public bool IsFirstMissing => !_paths.Exists(path => path.State != PathState.Draining && path.LaneIndex <= 0);

    /// <summary>The path that stands for all in reports: lane 0's where there is one; null if there is none.</summary>
    public Path? Primary =>
        _paths.Find(path => path is { LaneIndex: 0, State: PathState.Ready })
        ?? _paths.Find(path => path.State == PathState.Ready)
        ?? Newest(0)
        ?? _paths.FirstOrDefault();

    /// <summary>When <see cref="HandleTimeout"/> wants to be called.</summary>
    public Instant NextTimeout
    {
        get
        {
            Instant next = Instant.Never;
            foreach (Path path in _paths)
            {
                next = Earlier(next, path.ProofDue);
            }

            for (int lane = 0; lane < _laneCount && !isDecider; lane++)
            {
                List<Path> ready = ReadyOf(lane);
                if (ready.Count > 1 && ready.TrueForAll(path => path.ProofDue == Instant.Never))
                {
                    next = Earlier(next, ready.Max(path => path.ReadyAt) + FollowTimeMax);
                }
            }

            return next;
        }
    }

    /// <summary>The path with that number; null if it is not of the set.</summary>
    public Path? Find(long number) => _paths.Find(path => path.Info.Number == number);

    /// <summary>Says whether a new connection may come in, and makes room for it.</summary>
    /// <param name="weDialed">Whether we dialed it.</param>
    /// <param name="lane">The lane we dialed; no matter if we accepted.</param>
    /// <param name="orders">Gets what is to be closed for it.</param>
    public bool TryAdmit(bool weDialed, int lane, List<PathOrder> orders)
    {
        if (weDialed && lane > 0 && !MayDial(lane))
        {
            return false;
        }

        if (_paths.Count < PathsMax)
        {
            return true;
        }

        // As with handshakes, the oldest that has not proven its worth goes.
        Path? oldest = _paths.Find(path => path.State == PathState.Candidate)
            ?? _paths.Find(path => path.State == PathState.Draining);
        if (oldest is null)
        {
            return false;
        }

        Close(oldest, PathEnding.Replaced, orders);
        return true;
    }

    /// <summary>The worker for the next connection.</summary>
    /// <param name="lane">The lane that it is to be; <see cref="LaneUnknown"/> if the peer has not said.</param>
    /// <returns>That of the path whose place it takes; else one without a lane, where there is one.</returns>
    public int PickWorker(int lane)
    {
        if (Newest(lane) is { } before)
        {
            return before.Info.Worker;
        }

        int best = firstWorker;
        for (int step = 1; step < workers; step++)
        {
            int worker = (firstWorker + step) % workers;
            best = LoadOf(worker) < LoadOf(best) ? worker : best;
        }

        return best;
    }

    /// <summary>Takes an admitted connection in.</summary>
    /// <param name="info">The connection.</param>
    /// <param name="now">Now.</param>
    public void Add(PathInfo info, Instant now)
    {
        Debug.Assert(_paths.Count == 0 || _paths[^1].Info.Number < info.Number);
        _paths.Add(new Path(info, info.WeDialed ? info.LaneIndex : LaneIfAccepted(), now));
    }

    /// <summary>The peer's Hello on a connection is here.</summary>
    /// <param name="number">Which connection.</param>
    /// <param name="hello">What it says.</param>
    /// <param name="orders">Gets what is to be done because of it.</param>
    public void HandleHello(long number, Hello hello, List<PathOrder> orders)
    {
        if (Find(number) is not { } path)
        {
            return; // ended meanwhile
        }

        int count = Math.Min(workers, hello.LaneCount);
        if (!path.Info.WeDialed && hello.LaneIndex >= count)
        {
            Close(path, PathEnding.ProtocolError, orders);
            return;
        }

        path.HasHello = true;
        path.Instance = hello.Instance;
        if (!EndOtherLives(path, orders))
        {
            Close(path, PathEnding.PeerRestarted, orders);
            return;
        }

        _laneCount = count;
        if (!path.Info.WeDialed)
        {
            path.LaneIndex = hello.LaneIndex;
            path.Sequence = hello.Sequence == 0 ? number : (long)Math.Min(hello.Sequence, long.MaxValue);
        }

        foreach (Path beyond in _paths.FindAll(other => other.LaneIndex >= _laneCount))
        {
            Retire(beyond, orders);
        }
    }

    /// <summary>A probe went there and back.</summary>
    /// <param name="number">Over which connection.</param>
    /// <param name="roundTrip">How long it took.</param>
    /// <param name="now">Now.</param>
    /// <param name="orders">Gets what is to be done because of it.</param>
    public void HandleCarried(long number, TimeSpan roundTrip, Instant now, List<PathOrder> orders)
    {
        if (Find(number) is not { } path)
        {
            return;
        }

        path.RoundTrip = roundTrip;
        path.IsStalled = false;
        path.CarriedAt = now;
        path.ProofDue = Instant.Never;
        if (path.State == PathState.Candidate && path.HasHello)
        {
            path.State = PathState.Ready;
            path.ReadyAt = now;
        }

        Resolve(path.LaneIndex, now, orders);
    }

    /// <summary>A probe was not answered in time.</summary>
    /// <param name="number">Over which connection.</param>
    public void HandleStalled(long number)
    {
        if (Find(number) is { } path)
        {
            path.IsStalled = true;
        }
    }

    /// <summary>The peer says that it sends nothing more on a connection.</summary>
    /// <param name="number">Which one.</param>
    public void HandlePeerDrains(long number)
    {
        if (Find(number) is { } path)
        {
            path.State = PathState.Draining;
            path.ProofDue = Instant.Never;
        }
    }

    /// <summary>Does what is due.</summary>
    /// <param name="now">Now.</param>
    /// <param name="orders">Gets what is to be done.</param>
    public void HandleTimeout(Instant now, List<PathOrder> orders)
    {
        foreach (Path silent in _paths.FindAll(path => path.ProofDue <= now))
        {
            Close(silent, PathEnding.Unanswered, orders);
        }

        for (int lane = 0; lane < _laneCount; lane++)
        {
            Resolve(lane, now, orders);
        }
    }

    /// <summary>A connection ended.</summary>
    /// <returns>The path that it was; null if the set had closed it before.</returns>
    public Path? Remove(long number)
    {
        Path? path = Find(number);
        if (path is not null)
        {
            _paths.Remove(path);
        }

        return path;
    }

    /// <summary>Which lane this end should dial now, besides lane 0.</summary>
    public bool TryFindMissing(out int lane)
    {
        for (lane = 1; lane < _laneCount; lane++)
        {
            if (MayDial(lane) && Newest(lane) is null)
            {
                return true;
            }
        }

        return false;
    }

    private static Instant Earlier(Instant left, Instant right) => left < right ? left : right;

    private bool MayDial(int lane) =>
        lane < _laneCount && Newest(0) is { HasHello: true, Info.WeDialed: true };

    // A peer dials further lanes only after it heard of more than one worker here, and has more than one itself.
    private int LaneIfAccepted() =>
        workers == 1 || (_laneCount == 1 && _paths.Exists(path => path.HasHello)) ? 0 : LaneUnknown;

    private Path? Newest(int lane) =>
        _paths.FindLast(path => path.LaneIndex == lane && path.State != PathState.Draining);

    private List<Path> ReadyOf(int lane) =>
        _paths.FindAll(path => path.LaneIndex == lane && path.State == PathState.Ready);

    // Of several ready paths of a lane, one stays; what it replaces is retired once it is proven to work.
    private void Resolve(int lane, Instant now, List<PathOrder> orders)
    {
        List<Path> ready = ReadyOf(lane);
        if (ready.Count < 2)
        {
            return;
        }

        Instant since = ready.Max(path => path.ReadyAt);
        if (!isDecider && now < since + FollowTimeMax)
        {
            return;
        }

        Path kept = ready.Aggregate(Preferred);
        if (kept.CarriedAt >= since)
        {
            ready.ForEach(path => RetireOther(path, kept, orders));
        }
        else if (kept.ProofDue == Instant.Never)
        {
            kept.ProofDue = now + ProofTimeMax;
            orders.Add(new PathOrder(PathOrderKind.Probe, kept.Info, default));
        }
    }

    private static void RetireOther(Path path, Path kept, List<PathOrder> orders)
    {
        if (!ReferenceEquals(path, kept))
        {
            Retire(path, orders);
        }
    }

    private Path Preferred(Path older, Path newer)
    {
        if (older.Info.Kind != newer.Info.Kind)
        {
            return older.Info.Kind < newer.Info.Kind ? older : newer;
        }

        if (older.Info.WeDialed == newer.Info.WeDialed)
        {
            return older.Sequence > newer.Sequence ? older : newer;
        }

        bool isCrossing = newer.Since - older.Since < SimultaneousWindow;
        return isCrossing && older.Info.WeDialed == isDecider ? older : newer;
    }

    // Returns false if this path itself is of a former life.
    private bool EndOtherLives(Path path, List<PathOrder> orders)
    {
        if (path.Instance == 0)
        {
            return true;
        }

        List<Path> others = _paths.FindAll(
            other => other.HasHello && other.Instance != 0 && other.Instance != path.Instance);
        if (others.Exists(other => other.Info.Number > path.Info.Number))
        {
            return false;
        }

        others.ForEach(other => Close(other, PathEnding.PeerRestarted, orders));
        return true;
    }

    private static void Retire(Path path, List<PathOrder> orders)
    {
        if (path.State != PathState.Draining)
        {
            path.State = PathState.Draining;
            path.ProofDue = Instant.Never;
            orders.Add(new PathOrder(PathOrderKind.Retire, path.Info, PathEnding.Replaced));
        }
    }

    private void Close(Path path, PathEnding ending, List<PathOrder> orders)
    {
        _paths.Remove(path);
        orders.Add(new PathOrder(PathOrderKind.Close, path.Info, ending));
    }

    // A path whose lane is unknown may be gone soon, so it counts less than all that may be settled.
    private int LoadOf(int worker) => _paths.Where(path => path.Info.Worker == worker)
        .Sum(path => path.LaneIndex == LaneUnknown || path.State == PathState.Draining ? 1 : workers + 1);
}

using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>The packets that wait for one peer: FQ-CoDel (RFC 8290), bounded in memory and in time.</summary>
/// <remarks>
/// Flows are hashed to sets of <see cref="FlowSets.Ways"/> of <see cref="FlowCount"/> queues, so that hardly any two
/// share one. A flow that had nothing waiting is served before those that had (sparse flows first), then all take turns
/// by bytes (deficit round robin). Each queue has its own CoDel; packets of ECN-capable flows are marked instead.
/// How much may wait depends on what all peers leave free in the pool; above that, the fattest flow loses packets from
/// its front. A peer that has taken all since it was last too full may use the spare, which no other touches. What
/// waits while nothing leaves is dropped when it is too old. Of a fragmented datagram that lost a fragment the rest is
/// dropped too, and one whose beginning has left is spared, so that what gets through is whole.
/// Packets are linked through themselves, and the flows' states are made with the first packet: a peer that nobody
/// talks to costs nothing. One thread; time comes in.
/// </remarks>
public sealed class FlowQueues
{
    /// <summary>Flows that are told apart. RFC 8290 §5.2.4 has 1024 for a whole link; this is one peer.</summary>
    public const int FlowCount = 256;

    /// <summary>Bytes per turn: a packet of Ethernet's MTU with its link header (RFC 8290 §5.2.4).</summary>
    public const int QuantumBytes = 1514;

    /// <summary>
    /// A queue may hold this many times what the queues share and is free, and in any case as much as is free: dynamic
    /// thresholds (Choudhury, Hahne 1998). So with n full queues each has about 2 / (1 + 2n) of it: one alone 8 MiB of
    /// the default pool, which 64 TCP flows need, and beside 7 a new one may still take 1.7 MiB. Of a pool of 1 MiB,
    /// where what is shared is used up by then, it may take a block of 64 KiB.
    /// </summary>
    private const int ShareOfShared = 2;

    /// <summary>Packets that a full queue drops at once from its fattest flow (RFC 8290 §4.1.1).</summary>
    private const int DropBatchMax = 64;

    /// <summary>How often one packet that comes in lets a full queue look for its fattest flow, at most.</summary>
    private const int DropRoundsMax = 4;

    /// <summary>Packets that are shed at once for their age, at most.</summary>
    private const int ShedBatchMax = 256;

    /// <summary>Of <see cref="FlowQueueOptions.AgeMax"/>, what lies between two looks for packets too old.</summary>
    private const int ShedsPerAge = 8;

    private readonly PacketLedger _ledger;
    private readonly PeerLedger _peer;
    private readonly PacketPool _pool;
    private readonly FlowQueueOptions _options;
    private FlowState[] _flows = [];
    private FlowSets _sets = FlowSets.Empty;
    private BrokenDatagrams? _broken;
    private bool _isStanding; // was too full, and its peer has not taken everything since
    private Instant _takenAt; // when the last packet left
    private Instant _shedAt;  // nothing is too old before
    private int _listed;
    private FlowList _new = FlowList.Empty;
    private FlowList _old = FlowList.Empty;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="ledger">Where drops are written down: the worker's.</param>
    /// <param name="peer">Whom the packets are for.</param>
    /// <param name="pool">Whose packets these are; the queues of all its peers share it.</param>
    /// <param name="options">Limits.</param>
    public FlowQueues(PacketLedger ledger, PeerLedger peer, PacketPool pool, FlowQueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentNullException.ThrowIfNull(options);
        _ledger = ledger;
        _peer = peer;
        _pool = pool;
        _options = options;
    }

    /// <summary>Packets that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Whether nothing waits.</summary>
    public bool IsEmpty => Count == 0;

    /// <summary>Bytes of the packets that wait.</summary>
    public long Bytes { get; private set; }

    /// <summary>Bytes of the slots that they occupy; this is what is bounded.</summary>
    public long SlotBytes { get; private set; }

    /// <summary>Packets marked "congestion experienced" instead of dropped.</summary>
    public long Marked { get; private set; }

    /// <summary>How long the last packet that left had waited.</summary>
    public TimeSpan LastDelay { get; private set; }

    /// <summary>
    /// When <see cref="ShedOld"/> may find something, if nothing leaves until then; never while nothing waits.
    /// </summary>
    public Instant NextShed => IsEmpty ? Instant.Never : Later(_shedAt, _takenAt + _options.AgeMax);

    /// <summary>Takes a packet in; may drop others, or this one, to stay in bounds.</summary>
    /// <param name="now">Now.</param>
    /// <param name="packet">
    /// Owned by the queue from here, whatever happens; it moves into a slot that fits. Its flow hash must be set.
    /// </param>
    /// <returns>False if the queue was full, and this packet or another was dropped for it.</returns>
    public bool TryEnqueue(Instant now, Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        packet.EnqueuedAt = now;
        if (_broken?.ReasonFor(packet) is { } broken and not DropReason.None)
        {
            Drop(packet, broken); // before any work is spent on it
            return false;
        }

        if (now >= NextShed)
        {
            ShedOld(now);
        }

        packet = _pool.Shrink(packet);
        bool hasRoom = SlotBytes + packet.SlotBytes <= BytesMaxFor(packet) || ShedFor(now, packet);
        if (!_pool.HasRoomToWait(packet, mayTakeSpare: !_isStanding))
        {
            _isStanding = true;
            DropFragment(now, packet, DropReason.QueueFull);
            return false;
        }

        Push(now, packet);
        return hasRoom;
    }

    /// <summary>Lets the next packet out.</summary>
    /// <param name="now">Now.</param>
    /// <param name="packet">The caller owns it now.</param>
    /// <returns>False if nothing waits.</returns>
    public bool TryDequeue(Instant now, [NotNullWhen(true)] out Packet? packet)
    {
        // Ends: each round serves a packet, empties a list's head, or adds a quantum to an overdrawn flow.
        while (true)
        {
            bool isNew = !_new.IsEmpty;
            if (!isNew && _old.IsEmpty)
            {
                _isStanding = false;
                packet = null;
                return false;
            }

            int index = isNew ? _new.First : _old.First;
            ref FlowState flow = ref _flows[index];
            if (flow.Deficit <= 0)
            {
                flow.Deficit += QuantumBytes;
                MoveToOld(index, isNew);
                continue;
            }

            packet = PopOrDrop(now, index);
            if (packet is not null)
            {
                flow.Deficit -= packet.Length;
                return true;
            }

            flow.CoDel.HandleEmpty();
            if (isNew && !_old.IsEmpty)
            {
                MoveToOld(index, isNew); // must wait a turn, else it could be "new" for ever (RFC 8290 §4.2)
            }
            else
            {
                _ = isNew ? _new.TakeFirst(_flows) : _old.TakeFirst(_flows);
                flow.IsListed = false;
                _listed--;
            }
        }
    }

    /// <summary>
    /// Drops what waited longer than any use of it, if nothing has left meanwhile; a part of it if that is much, and
    /// then <see cref="NextShed"/> is now. Costs little before <see cref="NextShed"/>.
    /// </summary>
    public void ShedOld(Instant now)
    {
        if (now < NextShed)
        {
            return;
        }

        int left = ShedBatchMax;
        Instant oldest = now;
        for (int index = 0; index < _flows.Length && left > 0; index++)
        {
            while (left > 0 && _flows[index].Head is { } head && head.EnqueuedAt + _options.AgeMax <= now)
            {
                left--;
                DropFragment(now, Take(index, null), DropReason.TooOld);
            }

            if (_flows[index].Head is { } next && next.EnqueuedAt < oldest)
            {
                oldest = next.EnqueuedAt;
            }
        }

        _shedAt = left == 0 ? now : Later(oldest + _options.AgeMax, now + (_options.AgeMax / ShedsPerAge));
    }

    /// <summary>Drops everything.</summary>
    /// <param name="reason">Why, e.g. <see cref="DropReason.PeerDown"/>.</param>
    public void Clear(DropReason reason)
    {
        for (int index = 0; index < _flows.Length; index++)
        {
            ref FlowState flow = ref _flows[index];
            while (flow.Head is not null)
            {
                Drop(Take(index, null), reason);
            }

            flow.IsListed = false;
            flow.Begun = 0;
            flow.CoDel.HandleEmpty();
        }

        _new = FlowList.Empty;
        _old = FlowList.Empty;
        _listed = 0;
        _isStanding = false;
        Debug.Assert(Count == 0);
        Debug.Assert(SlotBytes == 0);
    }

    private void MoveToOld(int index, bool isNew)
    {
        int first = isNew ? _new.TakeFirst(_flows) : _old.TakeFirst(_flows);
        Debug.Assert(first == index);
        _old.Append(_flows, first);
    }

    private Packet? PopOrDrop(Instant now, int index)
    {
        ref FlowState flow = ref _flows[index];
        TimeSpan target = _options.Target + new TimeSpan(_options.TargetPerFlow.Ticks * _listed);
        while (flow.Head is not null)
        {
            Packet packet = Take(index, null);
            TimeSpan sojourn = now - packet.EnqueuedAt;
            if (_broken?.ReasonFor(packet) is { } broken and not DropReason.None)
            {
                Drop(packet, broken);
                continue;
            }

            // The rest of what has begun to leave is not asked about.
            bool isRest = packet.DatagramId != 0 && packet.DatagramId == flow.Begun;
            bool isLastOfFlow = flow.Bytes < Math.Max(packet.Length, QuantumBytes);
            if (isRest || !flow.CoDel.ShouldDrop(now, sojourn, isLastOfFlow, target, _options.Interval) || Mark(packet))
            {
                flow.Begun = packet.DatagramId;
                LastDelay = sojourn;
                _takenAt = now;
                return packet;
            }

            DropFragment(now, packet, DropReason.CoDel);
        }

        return null;
    }

    private static Instant Later(Instant one, Instant other) => one > other ? one : other;

    private bool Mark(Packet packet)
    {
        bool isMarked = EcnMark.TryMark(packet.Bytes);
        Marked += isMarked ? 1 : 0;
        return isMarked;
    }

    private long BytesMaxFor(Packet packet) =>
        Math.Max(ShareOfShared * _pool.SharedBytesFreeFor(packet), _pool.BytesFreeFor(packet));

    // Makes room for a packet. Half of the fattest flow's memory at once, so that a flood doesn't search for the
    // fattest with each packet; more than once if the queue's share has become smaller.
    private bool ShedFor(Instant now, Packet packet)
    {
        _isStanding = true;
        int left = DropBatchMax;
        for (int round = 0; round < DropRoundsMax && left > 0 && Count > 0; round++)
        {
            int fattest = 0;
            for (int index = 1; index < _flows.Length; index++)
            {
                if (_flows[index].SlotBytes > _flows[fattest].SlotBytes)
                {
                    fattest = index;
                }
            }

            int half = _flows[fattest].SlotBytes / 2;
            while (left > 0 && _flows[fattest].SlotBytes > half)
            {
                left -= DropOldest(now, fattest);
            }

            if (SlotBytes + packet.SlotBytes <= BytesMaxFor(packet))
            {
                break;
            }
        }

        return false;
    }

    // Drops the oldest packet, with its datagram, that isn't the rest of a datagram whose beginning has left.
    private int DropOldest(Instant now, int index)
    {
        ref FlowState flow = ref _flows[index];
        Packet? before = flow.LastOfBegun();
        before = before?.QueueNext is null ? null : before;
        uint datagramId = (before is null ? flow.Head! : before.QueueNext!).DatagramId;
        int dropped = 0;
        do
        {
            DropFragment(now, Take(index, before), DropReason.QueueFull);
            dropped++;
        }
        while (datagramId != 0 && (before is null ? flow.Head : before.QueueNext)?.DatagramId == datagramId);
        return dropped;
    }

    private void Drop(Packet packet, DropReason reason)
    {
        _ledger.DroppedOut(reason, _peer);
        packet.Dispose();
    }

    // Drops a packet; if it is a fragment, also what else comes of its datagram, from now on.
    private void DropFragment(Instant now, Packet packet, DropReason reason)
    {
        if (packet.DatagramId != 0)
        {
            _broken ??= new BrokenDatagrams();
            _broken.Add(now, packet.DatagramId, reason);
        }

        Drop(packet, reason);
    }

    private void Push(Instant now, Packet packet)
    {
        if (_flows.Length == 0)
        {
            _flows = new FlowState[FlowCount];
            _sets = new FlowSets(FlowCount);
        }

        if (Count == 0)
        {
            _shedAt = now + _options.AgeMax;
        }

        int index = _sets.FindQueue(_flows, packet.FlowHash);
        ref FlowState flow = ref _flows[index];
        packet.BeginWaiting();
        flow.Push(packet);
        Count++;
        Bytes += packet.Length;
        SlotBytes += packet.SlotBytes;
        if (!flow.IsListed)
        {
            flow.IsListed = true;
            _listed++;
            flow.Deficit = QuantumBytes;
            _new.Append(_flows, index);
        }

        _sets.HandleQueued(index, packet.FlowHash);
    }

    // Takes the packet after another one of its flow, or the first. There must be one.
    private Packet Take(int index, Packet? before)
    {
        Packet packet = _flows[index].Take(before);
        packet.EndWaiting();
        _sets.HandleTaken(index, packet.FlowHash);
        Count--;
        Bytes -= packet.Length;
        SlotBytes -= packet.SlotBytes;
        Debug.Assert(Count >= 0);
        return packet;
    }
}

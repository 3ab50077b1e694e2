using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>The packets that wait for one peer: FQ-CoDel (RFC 8290), bounded in memory.</summary>
/// <remarks>
/// Flows are hashed to sets of <see cref="Ways"/> of <see cref="FlowCount"/> queues; in its set a flow takes one that
/// no other flow has, so that hardly any two share one. A flow that had nothing waiting is served before those that had
/// (sparse flows first), then all take turns by bytes (deficit round robin). Each queue has its own CoDel; packets of
/// ECN-capable flows are marked instead of dropped. When full, the fattest flow loses packets from its front.
/// Packets are linked through themselves, and the flows' states are made with the first packet: a peer that nobody
/// talks to costs nothing. One thread; time comes in.
/// </remarks>
public sealed class FlowQueues
{
    /// <summary>Flows that are told apart. RFC 8290 §5.2.4 has 1024 for a whole link; this is one peer.</summary>
    public const int FlowCount = 256;

    /// <summary>Queues among which a flow looks for one of its own.</summary>
    private const int Ways = 8;

    /// <summary>Bytes per turn: a packet of Ethernet's MTU with its link header (RFC 8290 §5.2.4).</summary>
    public const int QuantumBytes = 1514;

    /// <summary>Packets that a full queue drops at once from its fattest flow (RFC 8290 §4.1.1).</summary>
    private const int DropBatchMax = 64;

    private readonly PacketLedger _ledger;
    private readonly PeerLedger _peer;
    private readonly FlowQueueOptions _options;
    private FlowState[] _flows = [];
    private uint[] _tags = [];      // per queue, the hash of the flow that has it or had it last
    private int[] _strangers = []; // per set, packets that wait in a queue of another flow
    private int _listed;
    private FlowList _new = FlowList.Empty;
    private FlowList _old = FlowList.Empty;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="ledger">Where drops are written down: the worker's.</param>
    /// <param name="peer">Whom the packets are for.</param>
    /// <param name="options">Limits.</param>
    public FlowQueues(PacketLedger ledger, PeerLedger peer, FlowQueueOptions options)
    {
        ArgumentNullException.ThrowIfNull(ledger);
        ArgumentNullException.ThrowIfNull(peer);
        ArgumentNullException.ThrowIfNull(options);
        _ledger = ledger;
        _peer = peer;
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

    /// <summary>Takes a packet in; may drop others, or this one, to stay in bounds.</summary>
    /// <param name="now">Now.</param>
    /// <param name="packet">Owned by the queue from here, whatever happens. Its flow hash must be set.</param>
    /// <returns>False if the queue was full and a flow lost packets.</returns>
    public bool TryEnqueue(Instant now, Packet packet)
    {
        if (_flows.Length == 0)
        {
            _flows = new FlowState[FlowCount];
            _tags = new uint[FlowCount];
            _strangers = new int[FlowCount / Ways];
        }

        int index = FindQueue(packet.FlowHash);
        ref FlowState flow = ref _flows[index];
        packet.EnqueuedAt = now;
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

        if (packet.FlowHash != _tags[index])
        {
            _strangers[index / Ways]++;
        }

        if (SlotBytes <= _options.BytesMax)
        {
            return true;
        }

        DropFromFattest();
        return false;
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

    /// <summary>Drops everything.</summary>
    /// <param name="reason">Why, e.g. <see cref="DropReason.PeerDown"/>.</param>
    public void Clear(DropReason reason)
    {
        for (int index = 0; index < _flows.Length; index++)
        {
            ref FlowState flow = ref _flows[index];
            while (Pop(index) is { } packet)
            {
                _ledger.DroppedOut(reason, _peer);
                packet.Dispose();
            }

            flow.IsListed = false;
            flow.CoDel.HandleEmpty();
        }

        _new = FlowList.Empty;
        _old = FlowList.Empty;
        _listed = 0;
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
        while (Pop(index) is { } packet)
        {
            TimeSpan sojourn = now - packet.EnqueuedAt;
            bool isLastOfFlow = flow.Bytes < Math.Max(packet.Length, QuantumBytes);
            if (!flow.CoDel.ShouldDrop(now, sojourn, isLastOfFlow, target, _options.Interval))
            {
                LastDelay = sojourn;
                return packet;
            }

            if (EcnMark.TryMark(packet.Bytes))
            {
                Marked++;
                LastDelay = sojourn;
                return packet;
            }

            _ledger.DroppedOut(DropReason.CoDel, _peer);
            packet.Dispose();
        }

        return null;
    }

    // Half of the flow's memory at once, so that a flood doesn't search for the fattest with each packet.
    private void DropFromFattest()
    {
        int fattest = 0;
        for (int index = 1; index < _flows.Length; index++)
        {
            if (_flows[index].SlotBytes > _flows[fattest].SlotBytes)
            {
                fattest = index;
            }
        }

        ref FlowState flow = ref _flows[fattest];
        int half = flow.SlotBytes / 2;
        for (int dropped = 0; dropped < DropBatchMax && flow.SlotBytes > half; dropped++)
        {
            Packet? packet = Pop(fattest);
            Debug.Assert(packet is not null);
            _ledger.DroppedOut(DropReason.QueueFull, _peer);
            packet.Dispose();
        }
    }

    // A flow whose packets wait as a stranger's stays with them: in a queue of its own it would overtake itself.
    private int FindQueue(uint flowHash)
    {
        int own = (int)(flowHash % FlowCount);
        int first = own & ~(Ways - 1);
        int found = _tags.AsSpan(first, Ways).IndexOf(flowHash);
        if (found >= 0)
        {
            return first + found;
        }

        for (int index = first; index < first + Ways && _strangers[first / Ways] == 0; index++)
        {
            if (!_flows[index].IsListed)
            {
                _tags[index] = flowHash;
                _flows[index].CoDel = default;
                return index;
            }
        }

        return own;
    }

    private Packet? Pop(int index)
    {
        Packet? packet = _flows[index].Pop();
        if (packet is not null)
        {
            _strangers[index / Ways] -= packet.FlowHash == _tags[index] ? 0 : 1;
            Count--;
            Bytes -= packet.Length;
            SlotBytes -= packet.SlotBytes;
            Debug.Assert(Count >= 0);
        }

        return packet;
    }
}

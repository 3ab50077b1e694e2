using EdgeMesh.Packets;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>One flow of a <see cref="FlowQueues"/>: its packets, its share, its CoDel.</summary>
internal struct FlowState
{
    /// <summary>The oldest packet.</summary>
    public Packet? Head;

    /// <summary>The youngest packet; only if there is a head.</summary>
    public Packet? Tail;

    /// <summary>Bytes of packets.</summary>
    public int Bytes;

    /// <summary>Bytes of slots.</summary>
    public int SlotBytes;

    /// <summary>Bytes that the flow may send before others get their turn; below zero it has overdrawn.</summary>
    public int Deficit;

    /// <summary>The flow after this one in its list, or -1.</summary>
    public int Next;

    /// <summary>Whether the flow is in one of the lists.</summary>
    public bool IsListed;

    /// <summary>The fragmented datagram that the packet was of which left last; 0 if it was whole.</summary>
    public uint Begun;

    /// <summary>When to drop.</summary>
    public CoDel CoDel;

    public void Push(Packet packet)
    {
        packet.QueueNext = null;
        if (Head is null)
        {
            Head = packet;
        }
        else
        {
            Tail!.QueueNext = packet;
        }

        Tail = packet;
        Bytes += packet.Length;
        SlotBytes += packet.SlotBytes;
    }

    /// <summary>Takes the packet after <paramref name="before"/>, or the head if that is null.</summary>
    public Packet Take(Packet? before)
    {
        Packet packet = before is null ? Head! : before.QueueNext!;
        if (before is null)
        {
            Head = packet.QueueNext;
        }
        else
        {
            before.QueueNext = packet.QueueNext;
        }

        if (ReferenceEquals(Tail, packet))
        {
            Tail = before;
        }

        packet.QueueNext = null;
        Bytes -= packet.Length;
        SlotBytes -= packet.SlotBytes;
        return packet;
    }

    /// <summary>
    /// Of the packets at the head that are the rest of <see cref="Begun"/>, the last; null if there is none.
    /// </summary>
    public readonly Packet? LastOfBegun()
    {
        Packet? last = null;
        for (Packet? next = Head; Begun != 0 && next?.DatagramId == Begun; next = next.QueueNext)
        {
            last = next;
        }

        return last;
    }
}

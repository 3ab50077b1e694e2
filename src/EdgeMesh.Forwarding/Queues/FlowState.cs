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

    /// <summary>The flow behind this one in its list, or -1.</summary>
    public int Next;

    /// <summary>Whether the flow is in one of the lists.</summary>
    public bool IsListed;

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

    public Packet? Pop()
    {
        Packet? packet = Head;
        if (packet is null)
        {
            return null;
        }

        Head = packet.QueueNext;
        packet.QueueNext = null;
        Bytes -= packet.Length;
        SlotBytes -= packet.SlotBytes;
        return packet;
    }
}

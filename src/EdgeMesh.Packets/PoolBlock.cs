using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Packets;

/// <summary>
/// A piece of a pool's memory, cut into slots of one size for as long as any of them is lent.
/// </summary>
/// <remarks>
/// It refers to packets only while they are free: one that was forgotten can be found by the garbage collector.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Disposing a packet returns its slot, and these are free.")]
internal sealed class PoolBlock(PacketPool pool, byte[] memory, int offset)
{
    // Per size, the packets that were free when the block was last whole: made once, then reused.
    private readonly Packet?[] _made = new Packet?[3];
    private Packet? _free;
    private int _lent;

    /// <summary>What it is cut into.</summary>
    public SlotSize Size { get; private set; }

    /// <summary>Its packets that wait in queues.</summary>
    public int Waiting { get; set; }

    /// <summary>Whether no slot is lent.</summary>
    public bool IsWhole => _lent == 0;

    /// <summary>Whether every slot is lent.</summary>
    public bool IsFull => _free is null;

    /// <summary>The neighbours in the list of blocks that have free slots of this size.</summary>
    public PoolBlock? Previous { get; set; }

    /// <inheritdoc cref="Previous"/>
    public PoolBlock? Next { get; set; }

    /// <summary>Cuts a whole block again.</summary>
    public void Cut(SlotSize size)
    {
        Debug.Assert(IsWhole);
        Debug.Assert(Waiting == 0, "a packet was returned while it waited");
        _made[(int)Size] = _free ?? _made[(int)Size];
        Size = size;
        _free = _made[(int)size];
        _made[(int)size] = null;
        if (_free is not null)
        {
            return;
        }

        int slotBytes = SlotBytesOf(size);
        for (int i = Limits.BlockBytes / slotBytes - 1; i >= 0; i--)
        {
            _free = new Packet(pool, this, memory, offset + (i * slotBytes), slotBytes) { FreeNext = _free };
        }
    }

    /// <summary>Takes a free slot.</summary>
    public Packet Take()
    {
        Packet packet = _free!;
        _free = packet.FreeNext;
        packet.FreeNext = null;
        _lent++;
        return packet;
    }

    /// <summary>Takes a slot back.</summary>
    public void Put(Packet packet)
    {
        packet.FreeNext = _free;
        _free = packet;
        _lent--;
    }

    private static int SlotBytesOf(SlotSize size) => size switch
    {
        SlotSize.Small => Limits.SmallSlotBytes,
        SlotSize.Medium => Limits.MediumSlotBytes,
        _ => Limits.LargeSlotBytes,
    };
}

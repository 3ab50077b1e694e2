using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

namespace EdgeMesh.Packets;

/// <summary>
/// The packets of one worker: memory that is had at once and touched on demand, cut into slots of three sizes, lent.
/// </summary>
/// <remarks>
/// The memory is blocks of <see cref="Limits.BlockBytes"/>: one large slot, or several medium or small ones. A block
/// whose slots are all back may be cut again, so that memory follows what the packets are; a reserve keeps a burst of
/// one size from starving another. Last in, first out, so that a quiet worker touches few pages.
/// What waits in queues is counted in whole blocks: one packet keeps its block from being cut again. Of the blocks,
/// <code>
///   | shared by the queues: SharedBytesFreeFor | spare, for short queues | the reader's |
///   |&lt;-- BytesFreeFor, HasRoomToWait, WaitingBlocksMax --------------&gt;|
/// </code>
/// One thread rents and returns; only the counters may be read by others. A double return ends the process. Debug
/// builds fill returned slots with <see cref="PoisonByte"/>, and count packets that were forgotten instead of returned.
/// </remarks>
public sealed class PacketPool
{
    /// <summary>What Debug builds write over a returned slot.</summary>
    public const byte PoisonByte = 0xDB;

    // What packets in queues leave to the reader, which needs a large slot for each packet before it knows how long it
    // is: a quarter of the blocks, and at most as many as half a burst and a few for what comes from peers meanwhile
    // (a burst is no longer than the free slots reach).
    private const int ReaderShare = 25;
    private const int ReaderBlocksMax = 40;

    // What of the rest is kept for queues that their peers keep short: a fifth of all, and not more than 1 MiB.
    private const int SpareShare = 20;
    private const int SpareBlocksMax = 16;

    private const int SmallSlotsOfBlock = Limits.BlockBytes / Limits.SmallSlotBytes;

    // Of the blocks, in percent. If fewer are whole, what waits in a large slot is worth a copy into a medium one.
    private const int ScarceShare = 75;

    private readonly PoolBlock?[] _whole;                  // a stack of blocks that are cut into nothing
    private readonly PoolBlock?[] _cut = new PoolBlock?[3]; // per size, blocks with slots to lend; some are lent
    private readonly int[] _blocks = new int[3];           // per size, blocks cut into it
    private readonly int _readerBlocks;
    private readonly int _spareBlocks;
    private int _wholeCount;
    private int _waitingLargeBlocks;
    private int _waitingSmallBlocks;
    private int _waitingSmallPackets;
    private long _rentedBytes; // written by the owner's thread
    private long _exhausted;   // written by the owner's thread
    private long _leaked;      // written by the finalizer's thread
    private string? _lastLeak; // written by the finalizer's thread

    /// <summary>Makes a pool.</summary>
    /// <param name="bytesMax">Its memory, bytes; at least two blocks.</param>
    public PacketPool(long bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, 2 * Limits.BlockBytes);
        BytesMax = bytesMax;
        int blocks = checked((int)(bytesMax / Limits.BlockBytes));
        _whole = new PoolBlock?[blocks];
        _readerBlocks = Math.Clamp(blocks * ReaderShare / 100, 1, ReaderBlocksMax);
        _spareBlocks = Math.Clamp(blocks * SpareShare / 100, 1, SpareBlocksMax);
        Memory = GC.AllocateUninitializedArray<byte>(blocks * Limits.BlockBytes, pinned: true);
        for (int i = blocks - 1; i >= 0; i--)
        {
            _whole[_wholeCount++] = new PoolBlock(this, Memory, i * Limits.BlockBytes);
        }
    }

    /// <summary>Its memory, bytes, the part of a block at the end included.</summary>
    public long BytesMax { get; }

    /// <summary>Bytes of the slots that are lent out.</summary>
    public long RentedBytes => _rentedBytes;

    /// <summary>How often a rent failed because a limit was reached.</summary>
    public long Exhausted => _exhausted;

    /// <summary>Blocks that packets which wait in queues keep from being cut again.</summary>
    public int WaitingBlocks { get; private set; }

    /// <summary>Blocks that such packets may keep: all but those of the reader.</summary>
    public int WaitingBlocksMax => _whole.Length - _readerBlocks;

    /// <summary>
    /// Debug builds only: packets that were dropped on the floor, as far as the garbage collector has found.
    /// </summary>
    public long Leaked => Volatile.Read(ref _leaked);

    /// <summary>Debug builds only: the method that rented the packet that leaked last.</summary>
    public string? LastLeak => Volatile.Read(ref _lastLeak);

    /// <summary>All of its memory, pinned: for advice to the kernel.</summary>
    public byte[] Memory { get; }

    /// <summary>
    /// Lends a packet that holds <paramref name="length"/> bytes; its length is set, its offload header is zero.
    /// </summary>
    /// <param name="length">Bytes of the IP packet, at most <see cref="Limits.PacketBytesMax"/>.</param>
    /// <param name="packet">The caller owns it now.</param>
    /// <param name="rentedBy">Filled in by the compiler: who to blame for a leak.</param>
    /// <returns>False if everything is lent, or what is left is reserved for other sizes.</returns>
    public bool TryRent(
        int length, [NotNullWhen(true)] out Packet? packet, [CallerMemberName] string rentedBy = "")
    {
        Debug.Assert(length >= 0);
        Debug.Assert(length <= Limits.PacketBytesMax);
        SlotSize size = length <= Limits.SmallPacketBytesMax ? SlotSize.Small
            : length <= Limits.MediumPacketBytesMax ? SlotSize.Medium
            : SlotSize.Large;
        if (TryTake(size, out packet) || (size == SlotSize.Medium && TryTake(SlotSize.Large, out packet)))
        {
            HandOut(packet, length, rentedBy);
            return true;
        }

        _exhausted++;
        return false;
    }

    /// <summary>
    /// Moves a packet into a slot that fits it better, so that it can wait without holding 64 KiB: a short one always,
    /// one of up to <see cref="Limits.MediumPacketBytesMax"/> bytes when large slots become scarce.
    /// </summary>
    /// <param name="packet">Owned by this method.</param>
    /// <returns>The copy, or the packet itself if it fits, or no better slot is free.</returns>
    public Packet Shrink(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        int length = packet.Length;
        if (!packet.IsLarge || length > Limits.MediumPacketBytesMax)
        {
            return packet;
        }

        SlotSize size = length <= Limits.SmallPacketBytesMax ? SlotSize.Small : SlotSize.Medium;
        bool isWorthIt = size == SlotSize.Small || _wholeCount * 100 < _whole.Length * ScarceShare;
        if (!isWorthIt || !TryTake(size, out Packet? better))
        {
            return packet;
        }

        HandOut(better, length, nameof(Shrink));
        packet.WithHeadroom(Limits.OffloadHeaderBytes).CopyTo(better.WithHeadroom(Limits.OffloadHeaderBytes));
        better.IsOffloaded = packet.IsOffloaded;
        better.FlowHash = packet.FlowHash;
        better.DatagramId = packet.DatagramId;
        better.EnqueuedAt = packet.EnqueuedAt;
        packet.Dispose();
        return better;
    }

    /// <summary>Whether a packet may wait in a queue without taking from the reader.</summary>
    /// <param name="packet">Stays the caller's.</param>
    /// <param name="mayTakeSpare">Whether the queue is one that its peer keeps short.</param>
    public bool HasRoomToWait(Packet packet, bool mayTakeSpare)
    {
        ArgumentNullException.ThrowIfNull(packet);
        return packet.Block.Waiting > 0 || WaitingBlocks < WaitingBlocksMax - (mayTakeSpare ? 0 : _spareBlocks);
    }

    /// <summary>
    /// Bytes that queues could still fill with packets like this one. Blocks count, not slots; for a small packet also
    /// the free slots of blocks that are kept anyway.
    /// </summary>
    public long BytesFreeFor(Packet packet) => BytesFree(packet, WaitingBlocksMax);

    /// <summary>Of these, what is there before only the spare is left.</summary>
    public long SharedBytesFreeFor(Packet packet) => BytesFree(packet, WaitingBlocksMax - _spareBlocks);

    internal void BeginWaiting(Packet packet)
    {
        PoolBlock block = packet.Block;
        bool isFirst = block.Waiting++ == 0;
        _waitingSmallPackets += block.Size == SlotSize.Small ? 1 : 0;
        if (isFirst)
        {
            CountWaiting(block, 1);
        }
    }

    internal void EndWaiting(Packet packet)
    {
        PoolBlock block = packet.Block;
        Debug.Assert(block.Waiting > 0);
        bool isLast = --block.Waiting == 0;
        _waitingSmallPackets -= block.Size == SlotSize.Small ? 1 : 0;
        if (isLast)
        {
            CountWaiting(block, -1);
        }
    }

    internal void Return(Packet packet)
    {
        // Stays on in Release: a slot lent twice would mix two pods' packets.
        if (!packet.IsRented)
        {
            Environment.FailFast("a packet was returned to its pool twice");
        }

        packet.IsRented = false;
        PoisonInDebug(packet);
        _rentedBytes -= packet.SlotBytes;
        PoolBlock block = packet.Block;
        bool wasFull = block.IsFull;
        block.Put(packet);
        if (block.IsWhole)
        {
            if (!wasFull)
            {
                Unlist(block);
            }

            _blocks[(int)block.Size]--;
            _whole[_wholeCount++] = block;
        }
        else if (wasFull)
        {
            List(block);
        }
    }

    // Called by the finalizer of a packet that nobody holds and nobody returned.
    internal void NoteLeak(string rentedBy)
    {
        Volatile.Write(ref _lastLeak, rentedBy);
        Interlocked.Increment(ref _leaked);
    }

    [Conditional("DEBUG")]
    private static void PoisonInDebug(Packet packet) => packet.Poison();

    private long BytesFree(Packet packet, int blocks)
    {
        ArgumentNullException.ThrowIfNull(packet);
        long free = Math.Max(0L, blocks - WaitingBlocks) * Limits.BlockBytes;
        return packet.SlotBytes == Limits.SmallSlotBytes
            ? free + ((((long)_waitingSmallBlocks * SmallSlotsOfBlock) - _waitingSmallPackets) * Limits.SmallSlotBytes)
            : free;
    }

    private void HandOut(Packet packet, int length, string rentedBy)
    {
        packet.HandOut(rentedBy);
        packet.SetLength(length);
        _rentedBytes += packet.SlotBytes;
    }

    private bool TryTake(SlotSize size, [NotNullWhen(true)] out Packet? packet)
    {
        PoolBlock? block = _cut[(int)size];
        bool isNew = block is null;
        if (block is null && !TryCut(size, out block))
        {
            packet = null;
            return false;
        }

        packet = block.Take();
        if (isNew && !block.IsFull)
        {
            List(block);
        }
        else if (!isNew && block.IsFull)
        {
            Unlist(block);
        }

        return true;
    }

    private bool TryCut(SlotSize size, [NotNullWhen(true)] out PoolBlock? block)
    {
        block = null;
        if (_wholeCount <= KeptFrom(size))
        {
            return false;
        }

        block = _whole[--_wholeCount]!;
        block.Cut(size);
        _blocks[(int)size]++;
        return true;
    }

    // Blocks that this size leaves whole. Large slots that wait are no use to the reader, so they are not its share;
    // but if no small slot is free, its second large one leaves a block for those, so that what it read can move.
    private int KeptFrom(SlotSize size)
    {
        int reading = _blocks[(int)SlotSize.Large] - _waitingLargeBlocks;
        int forReader = size == SlotSize.Large ? 0 : Math.Max(0, _readerBlocks - reading);
        bool isReadersFirst = size == SlotSize.Large && reading == 0;
        int forSmall = size == SlotSize.Small || isReadersFirst || _cut[(int)SlotSize.Small] is not null ? 0 : 1;
        return forReader + forSmall;
    }

    private void CountWaiting(PoolBlock block, int blocks)
    {
        WaitingBlocks += blocks;
        _waitingLargeBlocks += block.Size == SlotSize.Large ? blocks : 0;
        _waitingSmallBlocks += block.Size == SlotSize.Small ? blocks : 0;
    }

    private void List(PoolBlock block)
    {
        ref PoolBlock? first = ref _cut[(int)block.Size];
        block.Previous = null;
        block.Next = first;
        if (first is not null)
        {
            first.Previous = block;
        }

        first = block;
    }

    private void Unlist(PoolBlock block)
    {
        if (block.Next is { } next)
        {
            next.Previous = block.Previous;
        }

        if (block.Previous is { } previous)
        {
            previous.Next = block.Next;
        }
        else
        {
            _cut[(int)block.Size] = block.Next;
        }

        block.Next = null;
        block.Previous = null;
    }
}

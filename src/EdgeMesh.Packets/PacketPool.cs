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
/// whose slots are all back may be cut anew, so that memory follows what the packets are; a reserve keeps a burst of
/// one size from starving another. Last in, first out, so that a quiet worker touches few pages.
/// One thread rents and returns; only the counters may be read by others. A double return ends the process. Debug
/// builds fill returned slots with <see cref="PoisonByte"/>, and count packets that were forgotten instead of returned.
/// </remarks>
public sealed class PacketPool
{
    /// <summary>What Debug builds write over a returned slot.</summary>
    public const byte PoisonByte = 0xDB;

    // Of the blocks, in percent, what is kept for one size however much is asked of the others: a reader without large
    // slots is deaf, and without small ones nothing queues.
    private const int ReservedShare = 25;

    // Of the blocks, in percent. If fewer are whole, what waits in a large slot is worth a copy into a medium one.
    private const int ScarceShare = 75;

    private readonly PoolBlock?[] _whole;                  // a stack of blocks that are cut into nothing
    private readonly PoolBlock?[] _cut = new PoolBlock?[3]; // per size, blocks with slots to lend; some are lent
    private readonly int[] _blocks = new int[3];           // per size, blocks cut into it
    private readonly int[] _reserved;                      // per size, blocks that no other size takes
    private int _wholeCount;
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
        int reserved = Math.Max(1, blocks * ReservedShare / 100);
        _reserved = [reserved, 0, reserved];
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
        int keptForOthers = 0;
        for (int other = 0; other < _reserved.Length; other++)
        {
            keptForOthers += other == (int)size ? 0 : Math.Max(0, _reserved[other] - _blocks[other]);
        }

        if (_wholeCount <= keptForOthers)
        {
            return false;
        }

        block = _whole[--_wholeCount]!;
        block.Cut(size);
        _blocks[(int)size]++;
        return true;
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

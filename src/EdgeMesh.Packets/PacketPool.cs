using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Threading;

namespace EdgeMesh.Packets;

/// <summary>
/// The packets of one worker: pinned slots of two sizes, made on demand up to a limit, then only lent.
/// </summary>
/// <remarks>
/// Last in, first out, so that a quiet worker touches few pages. A slot, once made, keeps its size; so each size has a
/// share of the limit that the other can't take, else a burst of one could starve the other for ever.
/// One thread rents and returns; only the counters may be read by others. A double return ends the process. Debug
/// builds fill returned slots with <see cref="PoisonByte"/>, and count packets that were forgotten instead of returned.
/// </remarks>
public sealed class PacketPool
{
    /// <summary>What Debug builds write over a returned slot.</summary>
    public const byte PoisonByte = 0xDB;

    // Of the limit, in percent. Large slots carry the bulk; small ones queue, and a reader without large slots is deaf.
    private const int LargeShareMax = 75;
    private const int SmallShareMax = 50;

    private readonly long _largeBytesMax;
    private readonly long _smallBytesMax;
    private Packet? _freeLarge;
    private Packet? _freeSmall;
    private long _madeLargeBytes; // written by the owner's thread
    private long _madeSmallBytes; // written by the owner's thread
    private long _rentedBytes;    // written by the owner's thread
    private long _exhausted;      // written by the owner's thread
    private long _leaked;         // written by the finalizer's thread
    private string? _lastLeak;    // written by the finalizer's thread

    /// <summary>Makes a pool that grows to <paramref name="bytesMax"/> bytes of slots.</summary>
    /// <param name="bytesMax">At least one large and one small slot.</param>
    public PacketPool(long bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, Limits.LargeSlotBytes + Limits.SmallSlotBytes);
        BytesMax = bytesMax;
        _largeBytesMax = Math.Max(Limits.LargeSlotBytes, bytesMax / 100 * LargeShareMax);
        _smallBytesMax = Math.Min(
            Math.Max(Limits.SmallSlotBytes, bytesMax / 100 * SmallShareMax), bytesMax - Limits.LargeSlotBytes);
    }

    /// <summary>The limit, bytes.</summary>
    public long BytesMax { get; }

    /// <summary>Bytes of the slots that are lent out.</summary>
    public long RentedBytes => _rentedBytes;

    /// <summary>Bytes of the slots made so far.</summary>
    public long MadeBytes => _madeLargeBytes + _madeSmallBytes;

    /// <summary>How often a rent failed because a limit was reached.</summary>
    public long Exhausted => _exhausted;

    /// <summary>
    /// Debug builds only: packets that were dropped on the floor, as far as the garbage collector has found.
    /// </summary>
    public long Leaked => Volatile.Read(ref _leaked);

    /// <summary>Debug builds only: the method that rented the packet that leaked last.</summary>
    public string? LastLeak => Volatile.Read(ref _lastLeak);

    /// <summary>
    /// Lends a packet that holds <paramref name="length"/> bytes; its length is set, its offload header is zero.
    /// </summary>
    /// <param name="length">Bytes of the IP packet, at most <see cref="Limits.PacketBytesMax"/>.</param>
    /// <param name="packet">The caller owns it now.</param>
    /// <param name="rentedBy">Filled in by the compiler: who to blame for a leak.</param>
    /// <returns>False if every slot is lent and the limit is reached.</returns>
    public bool TryRent(
        int length, [NotNullWhen(true)] out Packet? packet, [CallerMemberName] string rentedBy = "")
    {
        Debug.Assert(length >= 0);
        Debug.Assert(length <= Limits.PacketBytesMax);
        bool isSmall = length <= Limits.SmallPacketBytesMax;
        packet = isSmall ? _freeSmall : _freeLarge;
        if (packet is null && !TryMake(isSmall, out packet))
        {
            _exhausted++;
            return false;
        }

        if (isSmall)
        {
            _freeSmall = packet.FreeNext;
        }
        else
        {
            _freeLarge = packet.FreeNext;
        }

        packet.FreeNext = null;
        packet.HandOut(rentedBy);
        packet.SetLength(length);
        _rentedBytes += packet.SlotBytes;
        return true;
    }

    /// <summary>Moves a packet into a small slot if it fits one, so that it can wait without holding 64 KiB.</summary>
    /// <param name="packet">Owned by this method.</param>
    /// <returns>The copy, or the packet itself if it is small already, too long, or no small slot is free.</returns>
    public Packet Shrink(Packet packet)
    {
        ArgumentNullException.ThrowIfNull(packet);
        if (!packet.IsLarge || packet.Length > Limits.SmallPacketBytesMax)
        {
            return packet;
        }

        if (!TryRent(packet.Length, out Packet? small))
        {
            _exhausted--; // nothing failed: the packet stays where it is
            return packet;
        }

        packet.WithHeadroom(Limits.OffloadHeaderBytes).CopyTo(small.WithHeadroom(Limits.OffloadHeaderBytes));
        small.IsOffloaded = packet.IsOffloaded;
        small.FlowHash = packet.FlowHash;
        small.EnqueuedAt = packet.EnqueuedAt;
        packet.Dispose();
        return small;
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
        if (packet.IsLarge)
        {
            packet.FreeNext = _freeLarge;
            _freeLarge = packet;
        }
        else
        {
            packet.FreeNext = _freeSmall;
            _freeSmall = packet;
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

    private bool TryMake(bool isSmall, [NotNullWhen(true)] out Packet? packet)
    {
        packet = null;
        int bytes = isSmall ? Limits.SmallSlotBytes : Limits.LargeSlotBytes;
        ref long made = ref isSmall ? ref _madeSmallBytes : ref _madeLargeBytes;
        long madeMax = isSmall ? _smallBytesMax : _largeBytesMax;
        if (made + bytes > madeMax || MadeBytes + bytes > BytesMax)
        {
            return false;
        }

        packet = new Packet(this, GC.AllocateUninitializedArray<byte>(bytes, pinned: true));
        made += bytes;
        return true;
    }
}

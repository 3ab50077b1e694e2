using System;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Packets;

/// <summary>The packets of one worker: pinned slots of two sizes, made on demand up to a limit, then only lent.</summary>
/// <remarks>
/// Last in, first out, so that a quiet worker touches few pages. One thread rents and returns; only the counters may
/// be read by others. Debug builds fill returned slots with <see cref="PoisonByte"/> and fail on a double return.
/// </remarks>
public sealed class PacketPool
{
    /// <summary>What Debug builds write over a returned slot.</summary>
    public const byte PoisonByte = 0xDB;

    private Packet? _freeLarge;
    private Packet? _freeSmall;
    private long _madeBytes;   // written by the owner's thread
    private long _rentedBytes; // written by the owner's thread
    private long _exhausted;   // written by the owner's thread

    /// <summary>Makes a pool that grows to <paramref name="bytesMax"/> bytes of slots.</summary>
    /// <param name="bytesMax">At least one large and one small slot.</param>
    public PacketPool(long bytesMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bytesMax, Limits.LargeSlotBytes + Limits.SmallSlotBytes);
        BytesMax = bytesMax;
    }

    /// <summary>The limit, bytes.</summary>
    public long BytesMax { get; }

    /// <summary>Bytes of the slots that are lent out.</summary>
    public long RentedBytes => _rentedBytes;

    /// <summary>Bytes of the slots made so far.</summary>
    public long MadeBytes => _madeBytes;

    /// <summary>How often a rent failed because the limit was reached.</summary>
    public long Exhausted => _exhausted;

    /// <summary>Lends a packet that holds <paramref name="length"/> bytes; its length is set, its offload header is zero.</summary>
    /// <param name="length">Bytes of the IP packet, at most <see cref="Limits.PacketBytesMax"/>.</param>
    /// <param name="packet">The caller owns it now.</param>
    /// <returns>False if every slot is lent and the limit is reached.</returns>
    public bool TryRent(int length, [NotNullWhen(true)] out Packet? packet)
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
        packet.IsRented = true;
        packet.Reset();
        packet.SetLength(length);
        _rentedBytes += packet.SlotBytes;
        return true;
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

    [Conditional("DEBUG")]
    private static void PoisonInDebug(Packet packet) => packet.Poison();

    private bool TryMake(bool isSmall, [NotNullWhen(true)] out Packet? packet)
    {
        int bytes = isSmall ? Limits.SmallSlotBytes : Limits.LargeSlotBytes;
        if (_madeBytes + bytes > BytesMax)
        {
            packet = null;
            return false;
        }

        packet = new Packet(this, GC.AllocateUninitializedArray<byte>(bytes, pinned: true));
        _madeBytes += bytes;
        return true;
    }
}

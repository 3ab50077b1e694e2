using System;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>
/// Small packets gathered into one frame: pinned memory, twelve bytes of room for the yamux header first.
/// </summary>
/// <remarks>One per worker is enough: a batch is filled, written and cleared in one go.</remarks>
public sealed class CapsuleBatch
{
    private readonly byte[] _bytes =
        GC.AllocateUninitializedArray<byte>(Limits.FrameHeaderBytes + Capsule.FramePayloadBytesMax, pinned: true);

    private int _end = Limits.FrameHeaderBytes;

    /// <summary>Capsules in the batch.</summary>
    public int Count { get; private set; }

    /// <summary>Bytes of the capsules.</summary>
    public int PayloadBytes => _end - Limits.FrameHeaderBytes;

    /// <summary>Bytes that still fit.</summary>
    public int FreeBytes => _bytes.Length - _end;

    /// <summary>Room for the header of a yamux frame, then the capsules.</summary>
    public Span<byte> Frame => _bytes.AsSpan(0, _end);

    /// <summary>Copies a packet into the batch, with its offload header if it is offloaded.</summary>
    /// <param name="packet">Stays the caller's, unchanged.</param>
    /// <returns>False if it doesn't fit any more; nothing was written.</returns>
    public bool TryAdd(Packet packet)
    {
        return packet.IsOffloaded
            ? TryAdd(CapsuleType.OffloadedPacket, packet.WithHeadroom(OffloadHeader.SizeBytes))
            : TryAdd(CapsuleType.Packet, packet.Bytes);
    }

    /// <summary>Copies any capsule into the batch.</summary>
    /// <param name="type">The type.</param>
    /// <param name="value">The value; may be empty.</param>
    /// <returns>False if it doesn't fit any more; nothing was written.</returns>
    public bool TryAdd(CapsuleType type, ReadOnlySpan<byte> value)
    {
        if (Capsule.HeaderBytes + value.Length > FreeBytes)
        {
            return false;
        }

        Span<byte> free = _bytes.AsSpan(_end);
        Capsule.WriteHeader(free, type, value.Length);
        value.CopyTo(free[Capsule.HeaderBytes..]);
        _end += Capsule.HeaderBytes + value.Length;
        Count++;
        return true;
    }

    /// <summary>Forgets what was gathered.</summary>
    public void Clear()
    {
        _end = Limits.FrameHeaderBytes;
        Count = 0;
    }
}

using System;
using System.Diagnostics;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Capsules;

/// <summary>The tunnel stream's unit: type, length, value (RFC 9297's term, our own format).</summary>
/// <remarks><code>
///   0      7 8                             31
///  +--------+-------------------------------+
///  |  type  |     length, bytes             |   big-endian; length of what follows
///  +--------+-------------------------------+
/// </code></remarks>
public static class Capsule
{
    /// <summary>Bytes of type and length.</summary>
    public const int HeaderBytes = Limits.CapsuleHeaderBytes;

    /// <summary>
    /// Most payload of a yamux frame that still fits one Noise message: 65519 bytes of plaintext less the frame's
    /// header.
    /// </summary>
    public const int FramePayloadBytesMax = 65519 - Limits.FrameHeaderBytes;

    /// <summary>Writes type and length.</summary>
    /// <param name="destination">At least <see cref="HeaderBytes"/>.</param>
    /// <param name="type">The type.</param>
    /// <param name="length">Bytes of the value.</param>
    public static void WriteHeader(Span<byte> destination, CapsuleType type, int length)
    {
        Debug.Assert(length >= 0);
        Debug.Assert(length <= Limits.CapsuleBytesMax);
        destination[3] = (byte)(length & 0xFF);
        destination[2] = (byte)((length >> 8) & 0xFF);
        destination[1] = (byte)(length >> 16);
        destination[0] = (byte)type;
    }

    /// <summary>Reads type and length.</summary>
    /// <param name="source">At least <see cref="HeaderBytes"/>.</param>
    /// <param name="length">Bytes of the value, 0 to 2^24 - 1.</param>
    public static CapsuleType ReadHeader(ReadOnlySpan<byte> source, out int length)
    {
        length = source[3] | (source[2] << 8) | (source[1] << 16);
        return (CapsuleType)source[0];
    }

    /// <summary>Bytes of the capsule that <see cref="Frame"/> makes of a packet, its header included.</summary>
    public static int SizeOf(Packet packet) =>
        HeaderBytes + packet.Length + (packet.IsOffloaded ? OffloadHeader.SizeBytes : 0);

    /// <summary>
    /// Makes a packet a capsule where it lies: header and, if it is offloaded, offload header before it.
    /// </summary>
    /// <param name="packet">
    /// Stays the caller's, and may be framed again. If it is not offloaded, the headers overwrite its offload header.
    /// </param>
    /// <returns>
    /// Room for the header of a yamux frame (<see cref="Limits.FrameHeaderBytes"/>), then the capsule. If the capsule
    /// is longer than <see cref="FramePayloadBytesMax"/>, cut it with <see cref="TakeFrame"/>.
    /// </returns>
    public static Span<byte> Frame(Packet packet)
    {
        int before = HeaderBytes + (packet.IsOffloaded ? OffloadHeader.SizeBytes : 0);
        Span<byte> frame = packet.WithHeadroom(Limits.FrameHeaderBytes + before);
        int length = frame.Length - Limits.FrameHeaderBytes - HeaderBytes;
        CapsuleType type = packet.IsOffloaded ? CapsuleType.OffloadedPacket : CapsuleType.Packet;
        WriteHeader(frame[Limits.FrameHeaderBytes..], type, length);
        return frame;
    }

    /// <summary>Cuts the first frame off a span that begins with room for a frame's header.</summary>
    /// <param name="rest">
    /// What is left, again with room for a header, or empty. That room <b>overlaps the end of the returned frame</b>:
    /// the frame must be written (sealed) before the next one is touched.
    /// </param>
    /// <returns>A frame of at most 12 + <see cref="FramePayloadBytesMax"/> bytes.</returns>
    public static Span<byte> TakeFrame(ref Span<byte> rest)
    {
        const int FrameBytesMax = Limits.FrameHeaderBytes + FramePayloadBytesMax;
        Span<byte> frame = rest[..Math.Min(rest.Length, FrameBytesMax)];
        rest = rest.Length <= FrameBytesMax ? default : rest[(FrameBytesMax - Limits.FrameHeaderBytes)..];
        return frame;
    }
}

using System;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace EdgeMesh.Packets.Headers;

/// <summary>The one's complement sum of IP, TCP, UDP and ICMP (RFC 1071).</summary>
/// <remarks>
/// A running sum is a plain number, big-endian 16-bit words added up, not yet folded; sums of parts with even lengths
/// can be added. The one's complement sum does not care for the width it is taken in (RFC 1071 §2 B, C), so memory
/// is added in 32-bit words of the machine's own order, in 64-bit lanes that cannot overflow within a packet.
/// </remarks>
public static class InternetChecksum
{
    /// <summary>Adds up bytes as big-endian 16-bit words; an odd last byte is the upper half of a word.</summary>
    /// <param name="bytes">At most <see cref="Limits.PacketBytesMax"/> bytes.</param>
    /// <param name="sum">A sum to go on from.</param>
    public static ulong Sum(ReadOnlySpan<byte> bytes, ulong sum = 0)
    {
        ulong native = 0;
        if (Vector256.IsHardwareAccelerated && bytes.Length >= Vector256<byte>.Count)
        {
            int vectors = bytes.Length / Vector256<byte>.Count;
            native = SumVectors(bytes[..(vectors * Vector256<byte>.Count)]);
            bytes = bytes[(vectors * Vector256<byte>.Count)..];
        }

        while (bytes.Length >= sizeof(uint))
        {
            native += MemoryMarshal.Read<uint>(bytes);
            bytes = bytes[sizeof(uint)..];
        }

        if (bytes.Length >= sizeof(ushort))
        {
            native += MemoryMarshal.Read<ushort>(bytes);
            bytes = bytes[sizeof(ushort)..];
        }

        if (bytes.Length != 0)
        {
            native += BitConverter.IsLittleEndian ? bytes[0] : (uint)bytes[0] << 8;
        }

        ushort folded = Fold(native);
        return sum + (BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(folded) : folded);
    }

    /// <summary>Folds a running sum to 16 bits, host byte order; not inverted.</summary>
    public static ushort Fold(ulong sum)
    {
        sum = (sum & 0xFFFF_FFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + ((sum >> 16) & 0xFFFF) + (sum >> 32);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)sum;
    }

    /// <summary>The checksum to write into a header: folded and inverted.</summary>
    public static ushort Finish(ulong sum) => (ushort)(Fold(sum) ^ ushort.MaxValue);

    /// <summary>The sum of the pseudo header of TCP and UDP over IPv4 (RFC 9293 §3.1).</summary>
    /// <param name="header">At least the 20 bytes of the IPv4 header.</param>
    /// <param name="protocol">The upper protocol.</param>
    /// <param name="length">Bytes of its header and data.</param>
    public static ulong PseudoHeader4(ReadOnlySpan<byte> header, byte protocol, int length) =>
        Sum(header.Slice(Ipv4Header.SourceOffset, 8), (ulong)protocol + (uint)length);

    /// <summary>The sum of the pseudo header of upper protocols over IPv6 (RFC 8200 §8.1).</summary>
    /// <param name="header">At least the 40 bytes of the IPv6 header.</param>
    /// <param name="protocol">The upper protocol.</param>
    /// <param name="length">Bytes of its header and data.</param>
    public static ulong PseudoHeader6(ReadOnlySpan<byte> header, byte protocol, int length) =>
        Sum(header.Slice(Ipv6Header.SourceOffset, 32), (ulong)protocol + (uint)length);

    private static ulong SumVectors(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<Vector256<uint>> vectors = MemoryMarshal.Cast<byte, Vector256<uint>>(bytes);
        Vector256<ulong> low = Vector256<ulong>.Zero;
        Vector256<ulong> high = Vector256<ulong>.Zero;
        Vector256<ulong> mask = Vector256.Create(0xFFFF_FFFFUL);
        foreach (Vector256<uint> vector in vectors)
        {
            Vector256<ulong> pairs = vector.AsUInt64();
            low += pairs & mask;
            high += pairs >>> 32;
        }

        return Vector256.Sum(low + high);
    }
}

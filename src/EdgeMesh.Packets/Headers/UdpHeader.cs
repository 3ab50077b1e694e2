using System;
using System.Buffers.Binary;

namespace EdgeMesh.Packets.Headers;

/// <summary>A UDP datagram seen through its header (RFC 768). Network byte order.</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  |   source port   | destination port|
///  | length, bytes   |    checksum     |   length counts the header too
///  +--------+--------+--------+--------+
/// </code></remarks>
public readonly ref struct UdpHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int SizeBytes = 8;

    /// <summary>Offset of the length.</summary>
    public const int LengthOffset = 4;

    /// <summary>Offset of the checksum.</summary>
    public const int ChecksumOffset = 6;

    private readonly ReadOnlySpan<byte> _bytes;

    private UdpHeader(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Bytes of the datagram, header included.</summary>
    public int Length => _bytes.Length;

    /// <summary>Source port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_bytes);

    /// <summary>Destination port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);

    /// <summary>Checksum; 0 means that the sender made none.</summary>
    public ushort Checksum => BinaryPrimitives.ReadUInt16BigEndian(_bytes[ChecksumOffset..]);

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[SizeBytes..];

    /// <summary>Checks the length against the bytes.</summary>
    /// <param name="bytes">The payload of an IP packet.</param>
    /// <param name="header">The view, cut to its length; no accessor of it can fail.</param>
    /// <returns>False if the bytes are shorter than the header or than its length field.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out UdpHeader header)
    {
        header = default;
        if (bytes.Length < SizeBytes)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[LengthOffset..]);
        if (length < SizeBytes || length > bytes.Length)
        {
            return false;
        }

        header = new UdpHeader(bytes[..length]);
        return true;
    }
}

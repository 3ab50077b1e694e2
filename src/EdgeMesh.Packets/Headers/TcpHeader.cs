using System;
using System.Buffers.Binary;

namespace EdgeMesh.Packets.Headers;

/// <summary>A TCP segment seen through its header (RFC 9293 §3.1). Network byte order.</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  |   source port   | destination port|
///  |         sequence number           |
///  |      acknowledgment number        |
///  |off |   | flags  |     window      |   off: header length in units of 4 bytes
///  |    checksum     | urgent pointer  |
///  |  options, off * 4 - 20 bytes ...  |
///  +--------+--------+--------+--------+
/// </code></remarks>
public readonly ref struct TcpHeader
{
    /// <summary>Bytes of a header without options.</summary>
    public const int SizeBytes = 20;

    /// <summary>Offset of the sequence number.</summary>
    public const int SequenceOffset = 4;

    /// <summary>Offset of the acknowledgment number.</summary>
    public const int AcknowledgmentOffset = 8;

    /// <summary>Offset of the header length.</summary>
    public const int DataOffset = 12;

    /// <summary>Offset of the flags.</summary>
    public const int FlagsOffset = 13;

    /// <summary>Offset of the checksum.</summary>
    public const int ChecksumOffset = 16;

    /// <summary>The sender has no more data.</summary>
    public const byte Fin = 0x01;

    /// <summary>The connection begins.</summary>
    public const byte Syn = 0x02;

    /// <summary>The connection is torn down.</summary>
    public const byte Rst = 0x04;

    /// <summary>Hand the data up now.</summary>
    public const byte Psh = 0x08;

    /// <summary>The acknowledgment number counts.</summary>
    public const byte Ack = 0x10;

    /// <summary>The urgent pointer counts.</summary>
    public const byte Urg = 0x20;

    /// <summary>Congestion was seen (RFC 3168).</summary>
    public const byte Ece = 0x40;

    /// <summary>The congestion window was reduced (RFC 3168).</summary>
    public const byte Cwr = 0x80;

    private readonly ReadOnlySpan<byte> _bytes;

    private TcpHeader(ReadOnlySpan<byte> bytes, int headerBytes)
    {
        _bytes = bytes;
        HeaderBytes = headerBytes;
    }

    /// <summary>Bytes of the header, options included.</summary>
    public int HeaderBytes { get; }

    /// <summary>Source port.</summary>
    public ushort SourcePort => BinaryPrimitives.ReadUInt16BigEndian(_bytes);

    /// <summary>Destination port.</summary>
    public ushort DestinationPort => BinaryPrimitives.ReadUInt16BigEndian(_bytes[2..]);

    /// <summary>Sequence number of the first byte of data.</summary>
    public uint Sequence => BinaryPrimitives.ReadUInt32BigEndian(_bytes[SequenceOffset..]);

    /// <summary>Acknowledgment number.</summary>
    public uint Acknowledgment => BinaryPrimitives.ReadUInt32BigEndian(_bytes[AcknowledgmentOffset..]);

    /// <summary>The eight flags.</summary>
    public byte Flags => _bytes[FlagsOffset];

    /// <summary>The data.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[HeaderBytes..];

    /// <summary>Checks the header length against the bytes.</summary>
    /// <param name="bytes">The payload of an IP packet.</param>
    /// <param name="header">The view; no accessor of it can fail.</param>
    /// <returns>False if the bytes are shorter than the header.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out TcpHeader header)
    {
        header = default;
        if (bytes.Length < SizeBytes)
        {
            return false;
        }

        int headerBytes = (bytes[DataOffset] >> 4) * 4;
        if (headerBytes < SizeBytes || headerBytes > bytes.Length)
        {
            return false;
        }

        header = new TcpHeader(bytes, headerBytes);
        return true;
    }
}

using System;
using System.Buffers.Binary;

namespace EdgeMesh.Packets.Headers;

/// <summary>What the kernel says about a packet: <c>struct virtio_net_hdr</c> of linux/virtio_net.h.</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  | flags  |gso type|  header length  |   little-endian, all lengths in bytes
///  |  segment size   | checksum start  |
///  | checksum offset |
///  +--------+--------+
/// </code>
/// All zeros mean "a plain packet, its checksum complete". The same ten bytes travel in capsules of type 0x01.
/// </remarks>
public readonly record struct OffloadHeader
{
    /// <summary>Bytes of the header.</summary>
    public const int SizeBytes = Limits.OffloadHeaderBytes;

    /// <summary>The checksum field holds only the pseudo header's sum (<c>VIRTIO_NET_HDR_F_NEEDS_CSUM</c>).</summary>
    public const byte NeedsChecksumFlag = 1;

    /// <summary>The checksum was found right already (<c>VIRTIO_NET_HDR_F_DATA_VALID</c>).</summary>
    public const byte DataValidFlag = 2;

    /// <summary>Added to a TCP type whose first segment has the CWR flag (<c>VIRTIO_NET_HDR_GSO_ECN</c>).</summary>
    public const byte EcnFlag = 0x80;

    private const int TypeOffset = 1;
    private const int HeaderLengthOffset = 2;
    private const int SegmentSizeOffset = 4;
    private const int ChecksumStartOffset = 6;
    private const int ChecksumFieldOffset = 8;

    /// <summary>Flags, <c>VIRTIO_NET_HDR_F_*</c>.</summary>
    public byte Flags { get; init; }

    /// <summary>The type as it stands, with <see cref="EcnFlag"/>.</summary>
    public byte RawType { get; init; }

    /// <summary>
    /// Bytes that each segment repeats. From the kernel a hint only: what lay in one piece of its memory.
    /// </summary>
    public ushort HeaderLength { get; init; }

    /// <summary>Bytes of payload of each segment but the last.</summary>
    public ushort SegmentSize { get; init; }

    /// <summary>Where summing begins.</summary>
    public ushort ChecksumStart { get; init; }

    /// <summary>Where the checksum's field is, from <see cref="ChecksumStart"/>.</summary>
    public ushort ChecksumOffset { get; init; }

    /// <summary>The type without the ECN bit; values that the kernel doesn't give us are possible.</summary>
    public OffloadType Type => (OffloadType)(RawType & ~EcnFlag);

    /// <summary>Whether the packet's checksum is still partial.</summary>
    public bool NeedsChecksum => (Flags & NeedsChecksumFlag) != 0;

    /// <summary>Whether the packet can go without this header: one packet with a complete checksum.</summary>
    public bool IsPlain => RawType == 0 && !NeedsChecksum;

    /// <summary>Reads the ten bytes; what they say is not checked.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/>.</param>
    public static OffloadHeader Read(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<byte> header = bytes[..SizeBytes];
        return new OffloadHeader
        {
            Flags = header[0],
            RawType = header[TypeOffset],
            HeaderLength = BinaryPrimitives.ReadUInt16LittleEndian(header[HeaderLengthOffset..]),
            SegmentSize = BinaryPrimitives.ReadUInt16LittleEndian(header[SegmentSizeOffset..]),
            ChecksumStart = BinaryPrimitives.ReadUInt16LittleEndian(header[ChecksumStartOffset..]),
            ChecksumOffset = BinaryPrimitives.ReadUInt16LittleEndian(header[ChecksumFieldOffset..]),
        };
    }

    /// <summary>Writes the ten bytes.</summary>
    /// <param name="bytes">At least <see cref="SizeBytes"/>.</param>
    public void Write(Span<byte> bytes)
    {
        Span<byte> header = bytes[..SizeBytes];
        header[0] = Flags;
        header[TypeOffset] = RawType;
        BinaryPrimitives.WriteUInt16LittleEndian(header[HeaderLengthOffset..], HeaderLength);
        BinaryPrimitives.WriteUInt16LittleEndian(header[SegmentSizeOffset..], SegmentSize);
        BinaryPrimitives.WriteUInt16LittleEndian(header[ChecksumStartOffset..], ChecksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(header[ChecksumFieldOffset..], ChecksumOffset);
    }

    /// <summary>Writes <see cref="HeaderLength"/> alone.</summary>
    /// <param name="bytes">The ten bytes of a header.</param>
    /// <param name="length">The new length.</param>
    public static void WriteHeaderLength(Span<byte> bytes, int length) =>
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[HeaderLengthOffset..], (ushort)length);
}

using System;
using System.Buffers.Binary;

namespace EdgeMesh.Packets.Headers;

/// <summary>An IPv4 packet seen through its header (RFC 791 §3.1). Network byte order.</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  |ver |IHL|  TOS   |  total length   |   IHL in units of 4 bytes; total length counts the header
///  | identification  |flg|frag. offset |   offset in units of 8 bytes
///  |  TTL   |protocol| header checksum |
///  |            source                 |
///  |         destination               |
///  |  options, IHL * 4 - 20 bytes ...  |
///  +--------+--------+--------+--------+
/// </code></remarks>
public readonly ref struct Ipv4Header
{
    /// <summary>Bytes of a header without options.</summary>
    public const int SizeBytes = 20;

    /// <summary>Offset of the type of service: DSCP and ECN.</summary>
    public const int TypeOfServiceOffset = 1;

    /// <summary>Offset of the total length.</summary>
    public const int TotalLengthOffset = 2;

    /// <summary>Offset of the identification.</summary>
    public const int IdentificationOffset = 4;

    /// <summary>Offset of the flags and the fragment offset.</summary>
    public const int FragmentOffset = 6;

    /// <summary>Offset of the time to live.</summary>
    public const int TimeToLiveOffset = 8;

    /// <summary>Offset of the protocol.</summary>
    public const int ProtocolOffset = 9;

    /// <summary>Offset of the header checksum.</summary>
    public const int ChecksumOffset = 10;

    /// <summary>Offset of the source address.</summary>
    public const int SourceOffset = 12;

    /// <summary>Offset of the destination address.</summary>
    public const int DestinationOffset = 16;

    /// <summary>The flag "don't fragment" within the 16 bits at <see cref="FragmentOffset"/>.</summary>
    public const ushort DontFragmentFlag = 0x4000;

    // More fragments follow, or this is not the first one.
    private const ushort FragmentMask = 0x3FFF;

    private readonly ReadOnlySpan<byte> _bytes;

    private Ipv4Header(ReadOnlySpan<byte> bytes, int headerBytes)
    {
        _bytes = bytes;
        HeaderBytes = headerBytes;
    }

    /// <summary>Bytes of the header, options included.</summary>
    public int HeaderBytes { get; }

    /// <summary>Bytes of the packet, header included.</summary>
    public int TotalLength => _bytes.Length;

    /// <summary>DSCP and ECN.</summary>
    public byte TypeOfService => _bytes[TypeOfServiceOffset];

    /// <summary>Identification.</summary>
    public ushort Identification => BinaryPrimitives.ReadUInt16BigEndian(_bytes[IdentificationOffset..]);

    /// <summary>Flags and fragment offset as they stand.</summary>
    public ushort FlagsAndFragment => BinaryPrimitives.ReadUInt16BigEndian(_bytes[FragmentOffset..]);

    /// <summary>Whether this is a piece of a larger packet: the first, a middle or the last one.</summary>
    public bool IsFragment => (FlagsAndFragment & FragmentMask) != 0;

    /// <summary>Whether this piece does not begin with the upper protocol's header.</summary>
    public bool IsLaterFragment => (FlagsAndFragment & 0x1FFF) != 0;

    /// <summary>Time to live.</summary>
    public byte TimeToLive => _bytes[TimeToLiveOffset];

    /// <summary>Protocol of the payload, see <see cref="IpProtocol"/>.</summary>
    public byte Protocol => _bytes[ProtocolOffset];

    /// <summary>Source address, host byte order.</summary>
    public uint Source => BinaryPrimitives.ReadUInt32BigEndian(_bytes[SourceOffset..]);

    /// <summary>Destination address, host byte order.</summary>
    public uint Destination => BinaryPrimitives.ReadUInt32BigEndian(_bytes[DestinationOffset..]);

    /// <summary>Source and destination address, side by side, network byte order.</summary>
    public ReadOnlySpan<byte> Addresses => _bytes.Slice(SourceOffset, 2 * sizeof(uint));

    /// <summary>What follows the header, to the end that the total length gives.</summary>
    public ReadOnlySpan<byte> Payload => _bytes[HeaderBytes..];

    /// <summary>Checks version, header length and total length. The checksum is the kernel's business.</summary>
    /// <param name="bytes">A packet; bytes after its total length are cut off.</param>
    /// <param name="header">The view; no accessor of it can fail.</param>
    /// <returns>False if the bytes are shorter than what their own fields say, or are not IPv4.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv4Header header)
    {
        header = default;
        if (bytes.Length < SizeBytes || (bytes[0] >> 4) != 4)
        {
            return false;
        }

        int headerBytes = (bytes[0] & 0xF) * 4;
        int totalLength = BinaryPrimitives.ReadUInt16BigEndian(bytes[TotalLengthOffset..]);
        if (headerBytes < SizeBytes || totalLength < headerBytes || totalLength > bytes.Length)
        {
            return false;
        }

        header = new Ipv4Header(bytes[..totalLength], headerBytes);
        return true;
    }

    /// <summary>Computes the header checksum again, in place.</summary>
    /// <param name="header">The header with its options and nothing after it.</param>
    public static void UpdateChecksum(Span<byte> header)
    {
        Span<byte> checksum = header.Slice(ChecksumOffset, 2);
        checksum.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(checksum, InternetChecksum.Finish(InternetChecksum.Sum(header)));
    }
}

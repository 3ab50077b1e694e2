using System;
using System.Buffers.Binary;

namespace EdgeMesh.Packets.Headers;

/// <summary>An IPv6 packet seen through its header (RFC 8200 §3). Network byte order.</summary>
/// <remarks><code>
///   0      7 8     15 16    23 24    31
///  +--------+--------+--------+--------+
///  |ver | traffic| flow label          |
///  | payload length  |next hdr|hop lim.|   payload length does not count these 40 bytes
///  |            source, 16 bytes       |
///  |         destination, 16 bytes     |
///  +--------+--------+--------+--------+
/// </code>
/// Jumbograms (payload length 0, RFC 2675) do not exist here: no link of the overlay carries them.
/// </remarks>
public readonly ref struct Ipv6Header
{
    /// <summary>Bytes of the header.</summary>
    public const int SizeBytes = 40;

    /// <summary>Offset of the payload length.</summary>
    public const int PayloadLengthOffset = 4;

    /// <summary>Offset of the next header's protocol.</summary>
    public const int NextHeaderOffset = 6;

    /// <summary>Offset of the hop limit.</summary>
    public const int HopLimitOffset = 7;

    /// <summary>Offset of the source address.</summary>
    public const int SourceOffset = 8;

    /// <summary>Offset of the destination address.</summary>
    public const int DestinationOffset = 24;

    /// <summary>
    /// Extension headers that are walked before giving up. RFC 8200 §4.1 lists 7, of which one may occur twice.
    /// </summary>
    public const int ExtensionHeadersMax = 8;

    private const int ExtensionBytesMin = 8;

    private readonly ReadOnlySpan<byte> _bytes;

    private Ipv6Header(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Bytes of the packet, header included.</summary>
    public int TotalLength => _bytes.Length;

    /// <summary>Version, traffic class and flow label as they stand.</summary>
    public uint VersionClassFlow => BinaryPrimitives.ReadUInt32BigEndian(_bytes);

    /// <summary>DSCP and ECN.</summary>
    public byte TrafficClass => (byte)((VersionClassFlow >> 20) & 0xFF);

    /// <summary>Protocol of what follows the fixed header: an upper protocol or an extension header.</summary>
    public byte NextHeader => _bytes[NextHeaderOffset];

    /// <summary>Hop limit.</summary>
    public byte HopLimit => _bytes[HopLimitOffset];

    /// <summary>Source address, host byte order.</summary>
    public UInt128 Source => BinaryPrimitives.ReadUInt128BigEndian(_bytes[SourceOffset..]);

    /// <summary>Destination address, host byte order.</summary>
    public UInt128 Destination => BinaryPrimitives.ReadUInt128BigEndian(_bytes[DestinationOffset..]);

    /// <summary>Checks version and payload length.</summary>
    /// <param name="bytes">A packet; bytes behind its payload are cut off.</param>
    /// <param name="header">The view; no accessor of it can fail.</param>
    /// <returns>False if the bytes are shorter than what their own fields say, or are not IPv6.</returns>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out Ipv6Header header)
    {
        header = default;
        if (bytes.Length < SizeBytes || (bytes[0] >> 4) != 6)
        {
            return false;
        }

        int totalLength = SizeBytes + BinaryPrimitives.ReadUInt16BigEndian(bytes[PayloadLengthOffset..]);
        if (totalLength > bytes.Length)
        {
            return false;
        }

        header = new Ipv6Header(bytes[..totalLength]);
        return true;
    }

    /// <summary>Walks the extension headers to the upper protocol (RFC 8200 §4).</summary>
    /// <param name="upper">Where the upper protocol begins and which it is.</param>
    /// <returns>
    /// False if an extension header is cut short or more than <see cref="ExtensionHeadersMax"/> follow each other.
    /// Behind a fragment header that is not the first piece's, the walk stops: the rest is payload.
    /// </returns>
    public bool TryFindUpper(out Ipv6Upper upper)
    {
        byte protocol = NextHeader;
        int offset = SizeBytes;
        bool isFragment = false;
        for (int walked = 0; walked < ExtensionHeadersMax; walked++)
        {
            if (!IsExtension(protocol))
            {
                upper = new Ipv6Upper(protocol, offset, isFragment, isLaterFragment: false);
                return true;
            }

            if (_bytes.Length - offset < ExtensionBytesMin)
            {
                break;
            }

            ReadOnlySpan<byte> extension = _bytes[offset..];
            int extensionBytes = ExtensionBytes(protocol, extension);
            if (extensionBytes > extension.Length)
            {
                break;
            }

            if (protocol == IpProtocol.Fragment)
            {
                ushort place = BinaryPrimitives.ReadUInt16BigEndian(extension[2..]);
                isFragment |= (place & 0xFFF9) != 0; // offset or "more"; an atomic fragment (RFC 6946) is none
                if ((place & 0xFFF8) != 0)
                {
                    upper = new Ipv6Upper(extension[0], offset + extensionBytes, true, isLaterFragment: true);
                    return true;
                }
            }

            protocol = extension[0];
            offset += extensionBytes;
        }

        upper = default;
        return false;
    }

    private static bool IsExtension(byte protocol) => protocol
        is IpProtocol.HopByHop or IpProtocol.Routing or IpProtocol.Fragment
        or IpProtocol.DestinationOptions or IpProtocol.Authentication;

    private static int ExtensionBytes(byte protocol, ReadOnlySpan<byte> extension) => protocol switch
    {
        IpProtocol.Fragment => ExtensionBytesMin,
        IpProtocol.Authentication => (extension[1] + 2) * 4,
        _ => (extension[1] + 1) * 8,
    };
}

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

    private const int ExtensionBytesMin = 8;

    // Of the fragment header: offset, or "more follow"; an atomic fragment (RFC 6946) has neither and is none.
    private const ushort PlaceMask = 0xFFF9;
    private const ushort FragmentOffsetMask = 0xFFF8;

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

    /// <summary>Source and destination address, side by side, network byte order.</summary>
    public ReadOnlySpan<byte> Addresses => _bytes[SourceOffset..SizeBytes];

    /// <summary>Checks version and payload length.</summary>
    /// <param name="bytes">A packet; bytes after its payload are cut off.</param>
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
    /// <returns>
    /// Where the upper protocol begins and which it is. <see cref="Ipv6Upper.IsKnown"/> is false if the chain is cut
    /// short, or goes on in another fragment.
    /// </returns>
    /// <remarks>
    /// Routers forward a packet whatever its chain is, so no chain is refused here. Each header has at least 8 bytes:
    /// the packet's own length bounds the walk.
    /// </remarks>
    public Ipv6Upper FindUpper()
    {
        byte protocol = NextHeader;
        int offset = SizeBytes;
        bool isFragment = false;
        uint identification = 0;
        while (IsExtension(protocol))
        {
            ReadOnlySpan<byte> extension = _bytes[offset..];
            bool isWhole = extension.Length >= ExtensionBytesMin
                && extension.Length >= ExtensionBytes(protocol, extension);
            if (!isWhole)
            {
                return new Ipv6Upper(IpProtocol.NoNextHeader, _bytes.Length)
                {
                    IsFragment = isFragment,
                    Identification = identification,
                };
            }

            offset += ExtensionBytes(protocol, extension);
            bool isFragmentHeader = protocol == IpProtocol.Fragment;
            protocol = extension[0];
            ushort place = isFragmentHeader ? BinaryPrimitives.ReadUInt16BigEndian(extension[2..]) : (ushort)0;
            if ((place & PlaceMask) != 0)
            {
                isFragment = true;
                identification = BinaryPrimitives.ReadUInt32BigEndian(extension[4..]);
            }

            if ((place & FragmentOffsetMask) != 0)
            {
                return new Ipv6Upper(protocol, offset)
                {
                    IsKnown = !IsExtension(protocol),
                    IsFragment = true,
                    IsLaterFragment = true,
                    Identification = identification,
                };
            }
        }

        return new Ipv6Upper(protocol, offset)
        {
            IsKnown = true,
            IsFragment = isFragment,
            Identification = identification,
        };
    }

    /// <summary>What follows all extension headers.</summary>
    /// <param name="upper">What <see cref="FindUpper"/> found in this packet.</param>
    public ReadOnlySpan<byte> PayloadOf(in Ipv6Upper upper) => _bytes[upper.Offset..];

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

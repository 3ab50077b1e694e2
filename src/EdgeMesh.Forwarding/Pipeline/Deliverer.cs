using System;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Decides whether a packet from a peer may go to our kernel.</summary>
/// <remarks>
/// The kernel does not protect us from a hostile header: it took TCP segmentation on an ICMP packet, packets of one
/// byte and of 70 000. So everything it would believe is checked here, and the one field that honest kernels fill with
/// a mere hint (the length of the headers) is overwritten. An IPv6 packet passes whatever its chain of extension
/// headers is: the sender's routers passed it too. One whose upper protocol isn't known has no offload.
/// </remarks>
public static class Deliverer
{
    private const byte KnownFlags = OffloadHeader.NeedsChecksumFlag | OffloadHeader.DataValidFlag;

    /// <summary>Checks a capsule.</summary>
    /// <param name="type">Packet or offloaded packet.</param>
    /// <param name="value">The capsule's value. If offloaded, the header length in it is corrected in place.</param>
    /// <param name="sender">Index of the peer whose connection it came through.</param>
    /// <param name="tables">The current tables, read once per batch.</param>
    /// <param name="takes">What our TUN takes and our Hello offered: a stale peer, or a liar, may send more.</param>
    /// <returns><see cref="DropReason.None"/>: the TUN may have it. Else the caller drops it.</returns>
    public static DropReason Check(
        CapsuleType type, Span<byte> value, int sender, RoutingTables tables, HelloFeatures takes)
    {
        if (type != CapsuleType.OffloadedPacket)
        {
            return CheckPacket(value, sender, tables, out _);
        }

        if (value.Length < OffloadHeader.SizeBytes)
        {
            return DropReason.BadOffload;
        }

        Span<byte> packet = value[OffloadHeader.SizeBytes..];
        DropReason drop = CheckPacket(packet, sender, tables, out Transport transport);
        if (drop != DropReason.None)
        {
            return drop;
        }

        return CheckOffload(takes, value, packet, transport) ? DropReason.None : DropReason.BadOffload;
    }

    private static DropReason CheckPacket(
        ReadOnlySpan<byte> packet, int sender, RoutingTables tables, out Transport transport)
    {
        transport = default;
        if (packet.IsEmpty)
        {
            return DropReason.Malformed;
        }

        return (packet[0] >> 4) switch
        {
            4 => CheckPacket4(packet, sender, tables.V4, out transport),
            6 => CheckPacket6(packet, sender, tables.V6, out transport),
            _ => DropReason.Malformed,
        };
    }

    private static DropReason CheckPacket4(
        ReadOnlySpan<byte> packet, int sender, RoutingTable4 table, out Transport transport)
    {
        transport = default;
        if (!Ipv4Header.TryParse(packet, out Ipv4Header header) || header.TotalLength != packet.Length)
        {
            return DropReason.Malformed;
        }

        transport = new Transport(4, header.Protocol, header.HeaderBytes, header.IsFragment);
        return Decide(table.Lookup(header.Source), sender, table.Lookup(header.Destination));
    }

    private static DropReason CheckPacket6(
        ReadOnlySpan<byte> packet, int sender, RoutingTable6 table, out Transport transport)
    {
        transport = default;
        if (!Ipv6Header.TryParse(packet, out Ipv6Header header) || header.TotalLength != packet.Length)
        {
            return DropReason.Malformed;
        }

        Ipv6Upper upper = header.FindUpper();
        transport = new Transport(6, upper.Protocol, upper.Offset, upper.IsFragment);
        return Decide(table.Lookup(header.Source), sender, table.Lookup(header.Destination));
    }

    private static DropReason Decide(NextHop source, int sender, NextHop destination)
    {
        if (!source.IsPeerWith(sender))
        {
            return DropReason.SpoofedSource;
        }

        return destination.IsLocal ? DropReason.None : DropReason.NotLocal;
    }

    private static bool CheckOffload(
        HelloFeatures takes, Span<byte> header, ReadOnlySpan<byte> packet, Transport transport)
    {
        OffloadHeader offload = OffloadHeader.Read(header);
        if ((offload.Flags & ~KnownFlags) != 0 || offload.HeaderLength > packet.Length)
        {
            return false;
        }

        if (offload.NeedsChecksum)
        {
            bool isInside = offload.ChecksumStart >= transport.Offset
                && offload.ChecksumStart + offload.ChecksumOffset + sizeof(ushort) <= packet.Length;
            if (!isInside || transport.IsFragment)
            {
                return false;
            }
        }

        if (offload.RawType == 0)
        {
            // The header's length means nothing here; the kernel only asks that it is inside.
            return offload.SegmentSize == 0 && OffloadLimits.Allow(offload, packet.Length, takes);
        }

        int headerBytes = OffloadedHeaderBytes(offload, packet, transport);
        if (headerBytes == 0 || !OffloadLimits.Allow(offload, packet.Length - headerBytes, takes))
        {
            return false;
        }

        OffloadHeader.WriteHeaderLength(header, headerBytes);
        return true;
    }

    // Bytes that each segment repeats; 0 if the packet is not what its offload type says.
    private static int OffloadedHeaderBytes(OffloadHeader offload, ReadOnlySpan<byte> packet, Transport transport)
    {
        bool isWhole = offload.NeedsChecksum
            && offload.ChecksumStart == transport.Offset
            && !transport.IsFragment;
        if (!isWhole)
        {
            return 0;
        }

        switch (offload.RawType)
        {
            case (byte)OffloadType.Tcp4:
            case (byte)OffloadType.Tcp4 | OffloadHeader.EcnFlag:
            case (byte)OffloadType.Tcp6:
            case (byte)OffloadType.Tcp6 | OffloadHeader.EcnFlag:
                bool isVersion = offload.Type == (transport.Version == 4 ? OffloadType.Tcp4 : OffloadType.Tcp6);
                bool isTcp = isVersion
                    && transport.Protocol == IpProtocol.Tcp
                    && offload.ChecksumOffset == TcpHeader.ChecksumOffset;
                return isTcp && TcpHeader.TryParse(packet[transport.Offset..], out TcpHeader tcp)
                    ? transport.Offset + tcp.HeaderBytes
                    : 0;
            case (byte)OffloadType.Udp:
                bool isUdp = transport.Protocol == IpProtocol.Udp
                    && offload.ChecksumOffset == UdpHeader.ChecksumOffset
                    && UdpHeader.TryParse(packet[transport.Offset..], out UdpHeader udp)
                    && transport.Offset + udp.Length == packet.Length;
                return isUdp ? transport.Offset + UdpHeader.SizeBytes : 0;
            default:
                return 0;
        }
    }

    private readonly record struct Transport(int Version, byte Protocol, int Offset, bool IsFragment);
}

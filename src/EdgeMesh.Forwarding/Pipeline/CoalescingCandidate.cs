using System;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>
/// A packet as the coalescer sees it: whose flow it is, and whether it can be part of a super-packet.
/// </summary>
internal readonly ref struct CoalescingCandidate
{
    // Flags that a data segment in the middle of a stream has; of the others, none may be lost or repeated by
    // segmentation.
    private const byte PlainTcpFlags = TcpHeader.Ack | TcpHeader.Psh | TcpHeader.Ece;

    private CoalescingCandidate(
        ReadOnlySpan<byte> packet, bool isV4, byte protocol, int transportOffset, int headerBytes, bool isMergeable)
    {
        Packet = packet;
        IsV4 = isV4;
        Protocol = protocol;
        TransportOffset = transportOffset;
        HeaderBytes = headerBytes;
        IsMergeable = isMergeable;
    }

    /// <summary>The packet, cut to its total length.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    public bool IsV4 { get; }

    /// <summary>TCP or UDP.</summary>
    public byte Protocol { get; }

    /// <summary>Where the transport header begins.</summary>
    public int TransportOffset { get; }

    /// <summary>Bytes of both headers; only if mergeable.</summary>
    public int HeaderBytes { get; }

    /// <summary>Whether it may become part of a super-packet, its checksum being right.</summary>
    public bool IsMergeable { get; }

    public int PayloadBytes => Packet.Length - HeaderBytes;

    public bool IsPush =>
        Protocol == IpProtocol.Tcp && (Packet[TransportOffset + TcpHeader.FlagsOffset] & TcpHeader.Psh) != 0;

    /// <summary>The addresses and ports: what a flow is, beside version and protocol.</summary>
    public ReadOnlySpan<byte> Addresses =>
        IsV4 ? Packet.Slice(Ipv4Header.SourceOffset, 8) : Packet.Slice(Ipv6Header.SourceOffset, 32);

    public ReadOnlySpan<byte> Ports => Packet.Slice(TransportOffset, 4);

    /// <summary>Looks at a packet.</summary>
    /// <param name="offload">Its offload header; all zeros if plain.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="candidate">The view.</param>
    /// <returns>False if it is no plain TCP or UDP packet: it has no order that merging could disturb.</returns>
    public static bool TryParse(OffloadHeader offload, ReadOnlySpan<byte> packet, out CoalescingCandidate candidate)
    {
        candidate = default;
        bool isV4 = Ipv4Header.TryParse(packet, out Ipv4Header v4);
        if (isV4)
        {
            bool isPlain = v4.HeaderBytes == Ipv4Header.SizeBytes && !v4.IsFragment && v4.TotalLength == packet.Length;
            return isPlain
                && TryParseTransport(offload, packet, true, v4.Protocol, Ipv4Header.SizeBytes, out candidate);
        }

        return Ipv6Header.TryParse(packet, out Ipv6Header v6)
            && v6.TotalLength == packet.Length
            && TryParseTransport(offload, packet, false, v6.NextHeader, Ipv6Header.SizeBytes, out candidate);
    }

    /// <summary>Whether the transport checksum is complete and right.</summary>
    public bool HasRightChecksum()
    {
        ReadOnlySpan<byte> transport = Packet[TransportOffset..];
        ulong pseudo = IsV4
            ? InternetChecksum.PseudoHeader4(Packet, Protocol, transport.Length)
            : InternetChecksum.PseudoHeader6(Packet, Protocol, transport.Length);
        return InternetChecksum.Fold(InternetChecksum.Sum(transport, pseudo)) == ushort.MaxValue;
    }

    private static bool TryParseTransport(
        OffloadHeader offload,
        ReadOnlySpan<byte> packet,
        bool isV4,
        byte protocol,
        int offset,
        out CoalescingCandidate candidate)
    {
        candidate = default;
        ReadOnlySpan<byte> transport = packet[offset..];
        if (protocol == IpProtocol.Tcp && TcpHeader.TryParse(transport, out TcpHeader tcp))
        {
            bool isMergeable = (tcp.Flags & ~PlainTcpFlags) == 0
                && (tcp.Flags & TcpHeader.Ack) != 0
                && !tcp.Payload.IsEmpty
                && IsSingle(offload, offset, TcpHeader.ChecksumOffset);
            int headerBytes = offset + tcp.HeaderBytes;
            candidate = new CoalescingCandidate(packet, isV4, protocol, offset, headerBytes, isMergeable);
            return true;
        }

        if (protocol == IpProtocol.Udp && UdpHeader.TryParse(transport, out UdpHeader udp))
        {
            bool isMergeable = udp.Length == transport.Length
                && !udp.Payload.IsEmpty
                && (udp.Checksum != 0 || offload.NeedsChecksum)
                && IsSingle(offload, offset, UdpHeader.ChecksumOffset);
            int headerBytes = offset + UdpHeader.SizeBytes;
            candidate = new CoalescingCandidate(packet, isV4, protocol, offset, headerBytes, isMergeable);
            return true;
        }

        return false;
    }

    // No super-packet already, and if its checksum is partial, then the one that we would make partial too.
    private static bool IsSingle(OffloadHeader offload, int transportOffset, int checksumOffset) =>
        offload.RawType == 0
        && (!offload.NeedsChecksum
            || (offload.ChecksumStart == transportOffset && offload.ChecksumOffset == checksumOffset));
}

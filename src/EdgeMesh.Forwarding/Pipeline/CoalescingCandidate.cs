using System;
using System.Buffers.Binary;
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

    // Source and destination port, in TCP and in UDP.
    private const int PortsBytes = 4;

    private CoalescingCandidate(
        ReadOnlySpan<byte> packet, bool isV4, byte protocol, int transportOffset, int headerBytes)
    {
        Packet = packet;
        IsV4 = isV4;
        Protocol = protocol;
        TransportOffset = transportOffset;
        HeaderBytes = headerBytes;
    }

    /// <summary>The packet, cut to its total length.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    public bool IsV4 { get; }

    /// <summary>TCP or UDP, if the ports are known.</summary>
    public byte Protocol { get; }

    /// <summary>Where the transport header begins; the packet's length if it has none.</summary>
    public int TransportOffset { get; }

    /// <summary>Bytes of both headers; 0 if it is not mergeable.</summary>
    public int HeaderBytes { get; }

    /// <summary>Whether it may become part of a super-packet, its checksum being right.</summary>
    public bool IsMergeable => HeaderBytes != 0;

    /// <summary>
    /// Whether its flow is known. Of a later fragment, say, only the addresses are: it may belong to any flow between
    /// them.
    /// </summary>
    public bool HasPorts => Packet.Length - TransportOffset >= PortsBytes;

    /// <summary>Payload; only if mergeable.</summary>
    public int PayloadBytes => Packet.Length - HeaderBytes;

    /// <summary>Whether the receiver shall have it at once; only if mergeable.</summary>
    public bool IsPush =>
        Protocol == IpProtocol.Tcp && (Packet[TransportOffset + TcpHeader.FlagsOffset] & TcpHeader.Psh) != 0;

    /// <summary>With the ports what a flow is, beside version and protocol.</summary>
    public ReadOnlySpan<byte> Addresses =>
        IsV4 ? Packet.Slice(Ipv4Header.SourceOffset, 8) : Packet.Slice(Ipv6Header.SourceOffset, 32);

    /// <summary>Both ports; only if the packet has them.</summary>
    public uint Ports => BinaryPrimitives.ReadUInt32BigEndian(Packet[TransportOffset..]);

    /// <summary>Looks at a packet.</summary>
    /// <param name="offload">Its offload header; all zeros if plain.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="candidate">The view.</param>
    /// <returns>False if it is neither TCP nor UDP: it has no order that merging could disturb.</returns>
    public static bool TryParse(OffloadHeader offload, ReadOnlySpan<byte> packet, out CoalescingCandidate candidate)
    {
        candidate = default;
        byte protocol;
        int transportOffset;
        bool isPlain;
        bool isV4 = Ipv4Header.TryParse(packet, out Ipv4Header v4);
        if (isV4)
        {
            protocol = v4.Protocol;
            transportOffset = v4.IsLaterFragment ? v4.TotalLength : v4.HeaderBytes;
            isPlain = v4.HeaderBytes == Ipv4Header.SizeBytes && !v4.IsFragment && v4.TotalLength == packet.Length;
            packet = packet[..v4.TotalLength];
        }
        else if (Ipv6Header.TryParse(packet, out Ipv6Header v6))
        {
            Ipv6Upper upper = v6.FindUpper();
            protocol = upper.IsKnown ? upper.Protocol : IpProtocol.Tcp; // it may be
            transportOffset = upper.IsLaterFragment || !upper.IsKnown ? v6.TotalLength : upper.Offset;
            isPlain = upper.Offset == Ipv6Header.SizeBytes && v6.TotalLength == packet.Length;
            packet = packet[..v6.TotalLength];
        }
        else
        {
            return false;
        }

        int headerBytes = isPlain
            ? MergeableHeaderBytes(offload, packet[transportOffset..], protocol, transportOffset)
            : 0;
        candidate = new CoalescingCandidate(packet, isV4, protocol, transportOffset, headerBytes);
        return protocol is IpProtocol.Tcp or IpProtocol.Udp;
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

    // Bytes of both headers; 0 if the packet must stay single.
    private static int MergeableHeaderBytes(
        OffloadHeader offload, ReadOnlySpan<byte> transport, byte protocol, int offset)
    {
        if (protocol == IpProtocol.Tcp && TcpHeader.TryParse(transport, out TcpHeader tcp))
        {
            bool isMergeable = (tcp.Flags & ~PlainTcpFlags) == 0
                && (tcp.Flags & TcpHeader.Ack) != 0
                && !tcp.Payload.IsEmpty
                && IsSingle(offload, offset, TcpHeader.ChecksumOffset);
            return isMergeable ? offset + tcp.HeaderBytes : 0;
        }

        if (protocol == IpProtocol.Udp && UdpHeader.TryParse(transport, out UdpHeader udp))
        {
            bool isMergeable = udp.Length == transport.Length
                && !udp.Payload.IsEmpty
                && (udp.Checksum != 0 || offload.NeedsChecksum)
                && IsSingle(offload, offset, UdpHeader.ChecksumOffset);
            return isMergeable ? offset + UdpHeader.SizeBytes : 0;
        }

        return 0;
    }

    // No super-packet already, and if its checksum is partial, then the one that we would make partial too.
    private static bool IsSingle(OffloadHeader offload, int transportOffset, int checksumOffset) =>
        offload.RawType == 0
        && (!offload.NeedsChecksum
            || (offload.ChecksumStart == transportOffset && offload.ChecksumOffset == checksumOffset));
}

using System;
using System.Buffers.Binary;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Cuts super-packets (TCP segmentation, UDP segmentation) into the packets that they stand for.</summary>
/// <remarks>
/// What the kernel does for a device without offloads: each segment gets the headers, its part of the payload, lengths,
/// identification, sequence number, flags, and complete checksums. For peers whose Hello doesn't offer offloads, and
/// for what <see cref="OffloadLimits"/> lets nobody send whole.
/// </remarks>
public static class Segmenter
{
    /// <summary>
    /// Most bytes of headers, the capsules' included, that the segments of one packet may add. A sender that has room
    /// for the packet and for this has room for all of its segments; segments of a few bytes would otherwise have no
    /// bound.
    /// </summary>
    public const int OverheadBytesMax = 32 * 1024;

    /// <summary>Checks a super-packet and counts its segments.</summary>
    /// <param name="packet">A packet with an offload type.</param>
    /// <param name="plan">How it falls apart.</param>
    /// <returns>
    /// <see cref="DropReason.BadOffload"/> if the offload header contradicts the packet,
    /// <see cref="DropReason.TooBig"/> if its segments' headers would take more than <see cref="OverheadBytesMax"/>.
    /// </returns>
    public static DropReason Plan(Packet packet, out SegmentPlan plan)
    {
        ArgumentNullException.ThrowIfNull(packet);
        plan = default;
        OffloadHeader offload = OffloadHeader.Read(packet.OffloadHeader);
        ReadOnlySpan<byte> bytes = packet.Bytes;
        if (!TryFindTransport(bytes, out byte protocol, out int offset, out bool isV4))
        {
            return DropReason.Malformed;
        }

        int transportBytes = offload.Type switch
        {
            OffloadType.Tcp4 when isV4 && protocol == IpProtocol.Tcp => TcpHeaderBytes(bytes[offset..]),
            OffloadType.Tcp6 when !isV4 && protocol == IpProtocol.Tcp => TcpHeaderBytes(bytes[offset..]),
            OffloadType.Udp when protocol == IpProtocol.Udp && bytes.Length - offset >= UdpHeader.SizeBytes
                => UdpHeader.SizeBytes,
            _ => 0,
        };
        bool isPartial = offload.NeedsChecksum && offload.ChecksumStart == offset;
        if (transportBytes == 0 || offload.SegmentSize == 0 || !isPartial)
        {
            return DropReason.BadOffload;
        }

        int headerBytes = offset + transportBytes;
        int payloadBytes = bytes.Length - headerBytes;
        int count = Math.Max(1, (payloadBytes + offload.SegmentSize - 1) / offload.SegmentSize);
        if (count * (long)(headerBytes + Capsule.HeaderBytes) > OverheadBytesMax)
        {
            return DropReason.TooBig;
        }

        plan = new SegmentPlan
        {
            Count = count,
            HeaderBytes = headerBytes,
            SegmentBytes = offload.SegmentSize,
            PayloadBytes = payloadBytes,
            TransportOffset = offset,
            Protocol = protocol,
            IsV4 = isV4,
        };
        plan = plan with { PseudoSum = PseudoSumOf(bytes[offset..], plan.ChecksumOffset) };
        return DropReason.None;
    }

    /// <summary>Makes one segment.</summary>
    /// <param name="source">The super-packet; unchanged.</param>
    /// <param name="plan">What <see cref="Plan"/> said about it.</param>
    /// <param name="index">0 to <see cref="SegmentPlan.Count"/> - 1, in any order.</param>
    /// <param name="pool">Where the segment comes from.</param>
    /// <param name="segment">A plain packet with the source's flow hash and time; the caller owns it.</param>
    /// <returns>False if the pool has no slot.</returns>
    public static bool TryCut(
        Packet source, in SegmentPlan plan, int index, PacketPool pool, [NotNullWhen(true)] out Packet? segment)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(pool);
        Debug.Assert(index >= 0);
        Debug.Assert(index < plan.Count);
        int from = index * plan.SegmentBytes;
        int payloadBytes = Math.Min(plan.SegmentBytes, plan.PayloadBytes - from);
        if (!pool.TryRent(plan.HeaderBytes + payloadBytes, out segment))
        {
            return false;
        }

        ReadOnlySpan<byte> bytes = source.Bytes;
        Span<byte> cut = segment.Bytes;
        bytes[..plan.HeaderBytes].CopyTo(cut);
        bytes.Slice(plan.HeaderBytes + from, payloadBytes).CopyTo(cut[plan.HeaderBytes..]);
        segment.FlowHash = source.FlowHash;
        segment.EnqueuedAt = source.EnqueuedAt;

        WriteIpHeader(cut, plan, index);
        Span<byte> transport = cut[plan.TransportOffset..];
        if (plan.Protocol == IpProtocol.Tcp)
        {
            WriteTcpHeader(transport, from, isFirst: index == 0, isLast: index == plan.Count - 1);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.LengthOffset..], (ushort)transport.Length);
        }

        WriteChecksum(cut, plan);
        return true;
    }

    private static bool TryFindTransport(ReadOnlySpan<byte> bytes, out byte protocol, out int offset, out bool isV4)
    {
        protocol = 0;
        offset = 0;
        isV4 = Ipv4Header.TryParse(bytes, out Ipv4Header v4);
        if (isV4)
        {
            protocol = v4.Protocol;
            offset = v4.HeaderBytes;
            return v4.TotalLength == bytes.Length && !v4.IsFragment;
        }

        if (!Ipv6Header.TryParse(bytes, out Ipv6Header v6))
        {
            return false;
        }

        Ipv6Upper upper = v6.FindUpper();
        protocol = upper.Protocol;
        offset = upper.Offset;
        return v6.TotalLength == bytes.Length && !upper.IsFragment;
    }

    private static int TcpHeaderBytes(ReadOnlySpan<byte> transport) =>
        TcpHeader.TryParse(transport, out TcpHeader tcp) ? tcp.HeaderBytes : 0;

    private static void WriteIpHeader(Span<byte> cut, in SegmentPlan plan, int index)
    {
        if (!plan.IsV4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(
                cut[Ipv6Header.PayloadLengthOffset..], (ushort)(cut.Length - Ipv6Header.SizeBytes));
            return;
        }

        BinaryPrimitives.WriteUInt16BigEndian(cut[Ipv4Header.TotalLengthOffset..], (ushort)cut.Length);
        Span<byte> identification = cut[Ipv4Header.IdentificationOffset..];
        int number = BinaryPrimitives.ReadUInt16BigEndian(identification) + index;
        BinaryPrimitives.WriteUInt16BigEndian(identification, (ushort)(number & ushort.MaxValue));
        Ipv4Header.UpdateChecksum(cut[..plan.TransportOffset]);
    }

    private static void WriteTcpHeader(Span<byte> transport, int from, bool isFirst, bool isLast)
    {
        Span<byte> sequence = transport[TcpHeader.SequenceOffset..];
        BinaryPrimitives.WriteUInt32BigEndian(
            sequence, unchecked(BinaryPrimitives.ReadUInt32BigEndian(sequence) + (uint)from));
        if (!isFirst)
        {
            transport[TcpHeader.FlagsOffset] &= TcpHeader.Cwr ^ 0xFF; // said once is enough (RFC 3168 §6.1.2)
        }

        if (!isLast)
        {
            transport[TcpHeader.FlagsOffset] &= (TcpHeader.Fin | TcpHeader.Psh) ^ 0xFF;
        }
    }

    // The partial checksum is the sum of the pseudo header, so it knows the final destination, which is not the IPv6
    // header's if a routing header follows (RFC 8200 §8.1). Only the length differs between segments: taken out.
    private static ulong PseudoSumOf(ReadOnlySpan<byte> transport, int checksumOffset) =>
        BinaryPrimitives.ReadUInt16BigEndian(transport[checksumOffset..])
        + (ulong)(transport.Length ^ ushort.MaxValue);

    private static void WriteChecksum(Span<byte> cut, in SegmentPlan plan)
    {
        Span<byte> transport = cut[plan.TransportOffset..];
        Span<byte> field = transport.Slice(plan.ChecksumOffset, sizeof(ushort));
        field.Clear();
        ulong pseudo = plan.PseudoSum + (ulong)transport.Length;
        ushort checksum = InternetChecksum.Finish(InternetChecksum.Sum(transport, pseudo));
        BinaryPrimitives.WriteUInt16BigEndian(field, checksum == 0 ? ushort.MaxValue : checksum);
    }
}

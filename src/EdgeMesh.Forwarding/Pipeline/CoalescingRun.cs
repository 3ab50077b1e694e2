using System;
using System.Buffers.Binary;
using System.Diagnostics;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>One flow's packets that are being put together. The first lies in the slot as it came.</summary>
internal struct CoalescingRun
{
    private Packet? _packet;
    private OffloadHeader _firstOffload;
    private uint _nextSequence;    // TCP: where the next segment must begin
    private int _segmentBytes;     // payload of the first packet, and of all but the last
    private int _headerBytes;
    private int _transportOffset;
    private int _count;
    private byte _protocol;
    private bool _isV4;
    private bool _isFirstVerified; // its checksum is partial or was found right

    public readonly bool IsOpen => _packet is not null;

    /// <summary>Hash of the flow, to find the run by.</summary>
    public uint FlowHash { get; private set; }

    /// <summary>Copies the first packet into a slot just large enough: most runs stay alone.</summary>
    public bool TryOpen(in CoalescingCandidate first, OffloadHeader offload, uint flowHash, PacketPool pool)
    {
        Debug.Assert(!IsOpen);
        Debug.Assert(first.IsMergeable);
        if (!pool.TryRent(first.Packet.Length, out _packet))
        {
            return false;
        }

        first.Packet.CopyTo(_packet.Bytes);
        _firstOffload = offload.IsPlain ? default : offload;
        _isFirstVerified = offload.NeedsChecksum;
        _segmentBytes = first.PayloadBytes;
        _headerBytes = first.HeaderBytes;
        _transportOffset = first.TransportOffset;
        _protocol = first.Protocol;
        _isV4 = first.IsV4;
        _count = 1;
        FlowHash = flowHash;
        if (_protocol == IpProtocol.Tcp)
        {
            _nextSequence = unchecked(SequenceOf(first.Packet) + (uint)_segmentBytes);
        }

        return true;
    }

    /// <summary>Whether a packet belongs to this flow, mergeable or not.</summary>
    /// <param name="candidate">A packet whose ports are known.</param>
    /// <param name="flowHash">Its hash.</param>
    public readonly bool IsFlowOf(in CoalescingCandidate candidate, uint flowHash) =>
        FlowHash == flowHash
        && _protocol == candidate.Protocol
        && IsBetweenAddressesOf(candidate)
        && BinaryPrimitives.ReadUInt32BigEndian(_packet!.Bytes[_transportOffset..]) == candidate.Ports;

    /// <summary>Whether there is a run, and it goes from the packet's source to the packet's destination.</summary>
    public readonly bool IsBetweenAddressesOf(in CoalescingCandidate candidate)
    {
        if (_packet is null || _isV4 != candidate.IsV4)
        {
            return false;
        }

        int addressOffset = _isV4 ? Ipv4Header.SourceOffset : Ipv6Header.SourceOffset;
        ReadOnlySpan<byte> addresses = candidate.Addresses;
        return _packet.Bytes.Slice(addressOffset, addresses.Length).SequenceEqual(addresses);
    }

    /// <summary>Adds the next packet of the flow after those that are here.</summary>
    /// <param name="next">A packet of the same flow.</param>
    /// <param name="offload">Its offload header.</param>
    /// <param name="pool">Where a large slot comes from when the second packet arrives.</param>
    /// <param name="isFull">Nothing can come after this one: finish the run.</param>
    /// <returns>False if it doesn't continue the run; the run is unchanged.</returns>
    public bool TryAppend(in CoalescingCandidate next, OffloadHeader offload, PacketPool pool, out bool isFull)
    {
        isFull = false;
        Debug.Assert(_packet is not null);
        int payloadBytes = next.PayloadBytes;
        bool fits = next.IsMergeable
            && payloadBytes <= _segmentBytes
            && next.HeaderBytes == _headerBytes
            && _packet.Length + payloadBytes <= Limits.PacketBytesMax
            && HasSameHeaders(_packet.Bytes, next.Packet);
        bool isRight = fits && (offload.NeedsChecksum || next.HasRightChecksum()) && TryVerifyFirst();
        if (!isRight || !TryGrow(payloadBytes, pool))
        {
            return false;
        }

        int end = _packet.Length;
        _packet.SetLength(end + payloadBytes);
        next.Packet[_headerBytes..].CopyTo(_packet.Bytes[end..]);
        _count++;
        _nextSequence = unchecked(_nextSequence + (uint)payloadBytes);
        if (next.IsPush)
        {
            _packet.Bytes[_transportOffset + TcpHeader.FlagsOffset] |= TcpHeader.Psh;
        }

        isFull = next.IsPush
            || payloadBytes < _segmentBytes
            || _count == Coalescer.SegmentsMax
            || _packet.Length + _segmentBytes > Limits.PacketBytesMax;
        return true;
    }

    /// <summary>Ends the run.</summary>
    /// <returns>The packet for the TUN: the first as it came, or a super-packet. The caller owns it.</returns>
    public Packet Finish()
    {
        Debug.Assert(_packet is not null);
        Packet packet = _packet;
        _packet = null;
        if (_count > 1)
        {
            WriteHeaders(packet.Bytes, packet.OffloadHeader);
            packet.IsOffloaded = true;
            packet.Parts = _count;
        }
        else
        {
            _firstOffload.Write(packet.OffloadHeader);
            packet.IsOffloaded = !_firstOffload.IsPlain;
        }

        return packet;
    }

    private static uint SequenceOf(ReadOnlySpan<byte> packet, int transportOffset) =>
        BinaryPrimitives.ReadUInt32BigEndian(packet[(transportOffset + TcpHeader.SequenceOffset)..]);

    private readonly uint SequenceOf(ReadOnlySpan<byte> packet) => SequenceOf(packet, _transportOffset);

    private bool TryVerifyFirst()
    {
        if (!_isFirstVerified)
        {
            Debug.Assert(_count == 1);
            _isFirstVerified = CoalescingCandidate.TryParse(default, _packet!.Bytes, out CoalescingCandidate first)
                && first.HasRightChecksum();
        }

        return _isFirstVerified;
    }

    private bool TryGrow(int payloadBytes, PacketPool pool)
    {
        Debug.Assert(_packet is not null);
        if (_packet.Length + payloadBytes <= _packet.Capacity)
        {
            return true;
        }

        if (!pool.TryRent(Limits.PacketBytesMax, out Packet? large))
        {
            return false;
        }

        large.SetLength(_packet.Length);
        _packet.Bytes.CopyTo(large.Bytes);
        _packet.Dispose();
        _packet = large;
        return true;
    }

    // Everything that segmentation will repeat must be equal; what it counts up must count up.
    private readonly bool HasSameHeaders(ReadOnlySpan<byte> run, ReadOnlySpan<byte> next)
    {
        bool isSameIp = _isV4 ? HasSameIpv4(run, next) : HasSameIpv6(run, next);
        return isSameIp
            && (_protocol == IpProtocol.Udp || HasSameTcp(run[_transportOffset..], next[_transportOffset..]));
    }

    private readonly bool HasSameIpv4(ReadOnlySpan<byte> run, ReadOnlySpan<byte> next)
    {
        // Version, header length and type of service; flags; time to live. The addresses were compared.
        ushort flags = BinaryPrimitives.ReadUInt16BigEndian(next[Ipv4Header.FragmentOffset..]);
        bool isSame = run[..Ipv4Header.TotalLengthOffset].SequenceEqual(next[..Ipv4Header.TotalLengthOffset])
            && flags == BinaryPrimitives.ReadUInt16BigEndian(run[Ipv4Header.FragmentOffset..])
            && run[Ipv4Header.TimeToLiveOffset] == next[Ipv4Header.TimeToLiveOffset];

        // With "don't fragment" the identification means nothing (RFC 6864 §4.1); else segmentation must restore it.
        int first = BinaryPrimitives.ReadUInt16BigEndian(run[Ipv4Header.IdentificationOffset..]);
        int identification = BinaryPrimitives.ReadUInt16BigEndian(next[Ipv4Header.IdentificationOffset..]);
        bool isCounted = (flags & Ipv4Header.DontFragmentFlag) != 0
            || identification == ((first + _count) & ushort.MaxValue);
        return isSame && isCounted;
    }

    private static bool HasSameIpv6(ReadOnlySpan<byte> run, ReadOnlySpan<byte> next) =>
        run[..Ipv6Header.PayloadLengthOffset].SequenceEqual(next[..Ipv6Header.PayloadLengthOffset])
        && run[Ipv6Header.HopLimitOffset] == next[Ipv6Header.HopLimitOffset];

    private readonly bool HasSameTcp(ReadOnlySpan<byte> run, ReadOnlySpan<byte> next)
    {
        const int WindowOffset = TcpHeader.FlagsOffset + 1;
        ReadOnlySpan<byte> options = run[TcpHeader.SizeBytes..(_headerBytes - _transportOffset)];
        return BinaryPrimitives.ReadUInt32BigEndian(next[TcpHeader.SequenceOffset..]) == _nextSequence
            && run.Slice(TcpHeader.AcknowledgmentOffset, 5).SequenceEqual(next.Slice(TcpHeader.AcknowledgmentOffset, 5))
            && ((run[TcpHeader.FlagsOffset] ^ next[TcpHeader.FlagsOffset]) & ~TcpHeader.Psh) == 0
            && run.Slice(WindowOffset, 2).SequenceEqual(next.Slice(WindowOffset, 2))
            && options.SequenceEqual(next.Slice(TcpHeader.SizeBytes, options.Length));
    }

    private readonly void WriteHeaders(Span<byte> bytes, Span<byte> offload)
    {
        Span<byte> transport = bytes[_transportOffset..];
        bool isTcp = _protocol == IpProtocol.Tcp;
        ulong pseudo;
        if (_isV4)
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[Ipv4Header.TotalLengthOffset..], (ushort)bytes.Length);
            Ipv4Header.UpdateChecksum(bytes[.._transportOffset]);
            pseudo = InternetChecksum.PseudoHeader4(bytes, _protocol, transport.Length);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(bytes[Ipv6Header.PayloadLengthOffset..], (ushort)transport.Length);
            pseudo = InternetChecksum.PseudoHeader6(bytes, _protocol, transport.Length);
        }

        if (!isTcp)
        {
            BinaryPrimitives.WriteUInt16BigEndian(transport[UdpHeader.LengthOffset..], (ushort)transport.Length);
        }

        // Partial: the pseudo header's sum, folded and not inverted; the kernel adds the rest.
        int checksumOffset = isTcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset;
        BinaryPrimitives.WriteUInt16BigEndian(transport[checksumOffset..], InternetChecksum.Fold(pseudo));
        OffloadType tcpType = _isV4 ? OffloadType.Tcp4 : OffloadType.Tcp6;
        new OffloadHeader
        {
            Flags = OffloadHeader.NeedsChecksumFlag,
            RawType = (byte)(isTcp ? tcpType : OffloadType.Udp),
            HeaderLength = (ushort)_headerBytes,
            SegmentSize = (ushort)_segmentBytes,
            ChecksumStart = (ushort)_transportOffset,
            ChecksumOffset = (ushort)checksumOffset,
        }.Write(offload);
    }
}

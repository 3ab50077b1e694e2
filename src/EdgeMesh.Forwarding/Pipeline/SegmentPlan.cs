using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>How a super-packet falls into segments.</summary>
public readonly record struct SegmentPlan
{
    /// <summary>How many segments there are; 1 or more.</summary>
    public int Count { get; internal init; }

    /// <summary>Bytes that each segment repeats: IP and transport header.</summary>
    public int HeaderBytes { get; internal init; }

    /// <summary>Bytes of payload of each segment but the last.</summary>
    public int SegmentBytes { get; internal init; }

    /// <summary>Bytes of payload of all.</summary>
    internal int PayloadBytes { get; init; }

    /// <summary>Where the transport header begins.</summary>
    internal int TransportOffset { get; init; }

    /// <summary>TCP or UDP.</summary>
    internal byte Protocol { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    internal bool IsV4 { get; init; }

    /// <summary>Sum of the pseudo header but for its length, which each segment adds.</summary>
    internal ulong PseudoSum { get; init; }

    /// <summary>Where the checksum is in the transport header.</summary>
    internal int ChecksumOffset => Protocol == IpProtocol.Tcp ? TcpHeader.ChecksumOffset : UdpHeader.ChecksumOffset;
}

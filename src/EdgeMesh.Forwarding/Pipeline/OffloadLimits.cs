using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Which offloaded packets go through the tunnel as they are: one rule for both ends.</summary>
/// <remarks>
/// The sender cuts what the rule refuses, the receiver drops it. Both ask here, so no packet of an honest pod is
/// refused at the far end.
/// </remarks>
public static class OffloadLimits
{
    /// <summary>
    /// Least payload of the segments of a TCP super-packet, bytes, if there are several. Linux' own TCP makes none
    /// with less: 48 bytes (<c>TCP_MIN_SND_MSS</c>), of which options take up to 40 (<c>TCP_MIN_GSO_SIZE</c>,
    /// include/net/tcp.h). So at most 8190 segments; without it one packet would become 65495.
    /// </summary>
    public const int TcpSegmentBytesMin = 8;

    /// <summary>
    /// Segments of a UDP super-packet: the kernel's limit (<c>UDP_MAX_SEGMENTS</c>, include/linux/udp.h).
    /// </summary>
    public const int UdpSegmentsMax = 128;

    /// <summary>
    /// Largest size of segments, bytes: the kernel refuses the next number, which it uses as a mark
    /// (<c>GSO_BY_FRAGS</c>, include/linux/skbuff.h).
    /// </summary>
    public const int SegmentBytesMax = 65534;

    /// <summary>Whether a packet may go as it is to a node that takes <paramref name="takes"/>.</summary>
    /// <param name="offload">Its offload header.</param>
    /// <param name="payloadBytes">Payload of all segments; the packet's length will do where that isn't known.</param>
    /// <param name="takes">What the receiver's Hello offers.</param>
    public static bool Allow(OffloadHeader offload, int payloadBytes, HelloFeatures takes)
    {
        int segmentBytes = offload.SegmentSize;
        bool isSize = segmentBytes is > 0 and <= SegmentBytesMax;
        return offload.Type switch
        {
            OffloadType.None => (takes & HelloFeatures.Checksum) != HelloFeatures.None,
            OffloadType.Tcp4 or OffloadType.Tcp6 => (takes & HelloFeatures.Tcp) != HelloFeatures.None
                && isSize
                && (payloadBytes <= segmentBytes || segmentBytes >= TcpSegmentBytesMin),
            OffloadType.Udp => (takes & HelloFeatures.Udp) != HelloFeatures.None
                && isSize
                && payloadBytes <= segmentBytes * UdpSegmentsMax,
            _ => false,
        };
    }
}

using System;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.FuzzTargets;

/// <summary>The views of IP, TCP, UDP and ICMP: after TryParse no accessor may fail.</summary>
public static class HeadersTarget
{
    /// <summary>Reads a packet through every view that takes it.</summary>
    /// <param name="bytes">A packet.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        if (Ipv4Header.TryParse(bytes, out Ipv4Header v4))
        {
            Invariant.Holds(v4.TotalLength <= bytes.Length, "IPv4 total length is inside");
            Invariant.Holds(v4.HeaderBytes + v4.Payload.Length == v4.TotalLength, "header and payload are all");
            _ = FlowHash.Of(v4, 1);
            ReadTransport(v4.Payload);
        }

        if (Ipv6Header.TryParse(bytes, out Ipv6Header v6))
        {
            Invariant.Holds(v6.TotalLength <= bytes.Length, "IPv6 length is inside");
            Ipv6Upper upper = v6.FindUpper();
            _ = FlowHash.Of(v6, upper, 1);
            Invariant.Holds(upper.Offset >= Ipv6Header.SizeBytes, "the upper protocol is after the header");
            Invariant.Holds(upper.Offset + v6.PayloadOf(upper).Length == v6.TotalLength, "headers and payload are all");
            Invariant.Holds(upper.IsFragment || !upper.IsLaterFragment, "a later fragment is a fragment");
            ReadTransport(v6.PayloadOf(upper));
        }

        ReadTransport(bytes);
    }

    private static void ReadTransport(ReadOnlySpan<byte> bytes)
    {
        if (TcpHeader.TryParse(bytes, out TcpHeader tcp))
        {
            _ = tcp.SourcePort + tcp.DestinationPort + tcp.Flags;
            _ = tcp.Sequence ^ tcp.Acknowledgment;
            Invariant.Holds(tcp.HeaderBytes + tcp.Payload.Length == bytes.Length, "TCP header and data are all");
        }

        if (UdpHeader.TryParse(bytes, out UdpHeader udp))
        {
            _ = udp.SourcePort + udp.DestinationPort + udp.Checksum;
            Invariant.Holds(udp.Length == UdpHeader.SizeBytes + udp.Payload.Length, "UDP length is header and data");
        }

        if (IcmpHeader.TryParse(bytes, out IcmpHeader icmp))
        {
            _ = icmp.Type + icmp.Code + icmp.Payload.Length;
        }

        ulong sum = InternetChecksum.Sum(bytes);
        int half = bytes.Length / 4 * 2;
        ulong parts = InternetChecksum.Sum(bytes[half..], InternetChecksum.Sum(bytes[..half]));
        Invariant.Holds(InternetChecksum.Fold(sum) == InternetChecksum.Fold(parts), "the sum of parts is the sum");
    }
}

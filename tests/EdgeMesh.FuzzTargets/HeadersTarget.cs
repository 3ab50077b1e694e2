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
            _ = FlowHash.Of(bytes, v6, 1);
            if (v6.TryFindUpper(out Ipv6Upper upper))
            {
                Invariant.Holds(upper.Offset >= Ipv6Header.SizeBytes, "the upper protocol is behind the header");
                Invariant.Holds(upper.Offset <= v6.TotalLength, "the upper protocol is inside");
                Invariant.Holds(upper.IsFragment || !upper.IsLaterFragment, "a later fragment is a fragment");
                ReadTransport(bytes[upper.Offset..v6.TotalLength]);
            }
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

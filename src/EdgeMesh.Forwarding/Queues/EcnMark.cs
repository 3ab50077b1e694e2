using System;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Forwarding.Queues;

/// <summary>Marks packets "congestion experienced" (RFC 3168 §5).</summary>
internal static class EcnMark
{
    private const byte EcnMask = 3;
    private const byte CongestionExperienced = 3;

    /// <summary>Marks a packet in place and mends the IPv4 header's checksum.</summary>
    /// <returns>False if its sender doesn't take part: drop it instead.</returns>
    public static bool TryMark(Span<byte> packet)
    {
        if (Ipv4Header.TryParse(packet, out Ipv4Header v4))
        {
            int ecn = v4.TypeOfService & EcnMask;
            if (ecn is 0 or CongestionExperienced)
            {
                return ecn == CongestionExperienced;
            }

            packet[Ipv4Header.TypeOfServiceOffset] |= CongestionExperienced;
            Ipv4Header.UpdateChecksum(packet[..v4.HeaderBytes]);
            return true;
        }

        if (Ipv6Header.TryParse(packet, out Ipv6Header v6))
        {
            int ecn = v6.TrafficClass & EcnMask;
            if (ecn != 0)
            {
                packet[1] |= CongestionExperienced << 4; // the class's last bits are the upper half of byte 1
            }

            return ecn != 0;
        }

        return false;
    }
}

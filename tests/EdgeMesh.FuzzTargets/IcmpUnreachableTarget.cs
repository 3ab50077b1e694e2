using System;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.FuzzTargets;

/// <summary>Answers to packets without route.</summary>
public static class IcmpUnreachableTarget
{
    /// <summary>Answers a packet.</summary>
    /// <param name="bytes">A packet.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var pool = new PacketPool(1 << 20);
        var icmp = new IcmpUnreachable();
        if (bytes.Length <= Limits.PacketBytesMax && icmp.TryBuild(new Instant(1), bytes, pool, out Packet? answer))
        {
            Invariant.Holds(answer.Length <= Limits.MtuBytesMin, "the answer fits every link");
            bool isV4 = Ipv4Header.TryParse(answer.Bytes, out Ipv4Header v4);
            bool isWhole = isV4
                ? v4.TotalLength == answer.Length
                : Ipv6Header.TryParse(answer.Bytes, out Ipv6Header v6) && v6.TotalLength == answer.Length;
            Invariant.Holds(isWhole, "the answer is a packet");
            Invariant.Holds(!icmp.TryBuild(new Instant(1), answer.Bytes, pool, out _), "an answer is not answered");
            answer.Dispose();
        }
    }
}

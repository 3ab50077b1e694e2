using System;
using System.Buffers.Binary;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.FuzzTargets;

/// <summary>What comes from the TUN: whatever passes, its flow and its datagram are noted.</summary>
public static class ForwarderTarget
{
    // Half of the addresses are ours, half are a peer's, so that random packets get through.
    private static readonly RoutingTables Tables = new(
        RoutingTable4.Compile(
        [
            new Route4(new Prefix4(0, 1), NextHop.Local),
            new Route4(new Prefix4(0x8000_0000, 1), NextHop.Peer(0)),
        ]),
        RoutingTable6.Compile(
        [
            new Route6(new Prefix6(UInt128.Zero, 1), NextHop.Local),
            new Route6(new Prefix6(UInt128.One << 127, 1), NextHop.Peer(0)),
        ]));

    /// <summary>Routes packets.</summary>
    /// <param name="bytes">Packets, each after one byte of its length in units of 4.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var pool = new PacketPool(2 * Limits.BlockBytes);
        var forwarder = new Forwarder(flowSeed: 0xFFFF_FFFE_0000_0000);
        while (bytes.Length > 1 && pool.TryRent(Limits.SmallPacketBytesMax, out Packet? packet))
        {
            int length = Math.Min(bytes[0] * 4, bytes.Length - 1);
            packet.SetLength(length);
            bytes.Slice(1, length).CopyTo(packet.Bytes);
            bytes = bytes[(1 + length)..];
            MendLength(packet.Bytes);
            if (forwarder.Route(packet, Tables, out NextHop hop) == DropReason.None)
            {
                Invariant.Holds(hop.IsPeerWith(0), "what passes has a peer");
                Invariant.Holds(packet.DatagramId != 0 == IsFragment(packet.Bytes), "fragments have numbers");
            }

            packet.Dispose();
        }
    }

    // A fuzzer rarely guesses lengths; with right ones it gets further.
    private static void MendLength(Span<byte> packet)
    {
        if (packet.Length >= Ipv6Header.SizeBytes)
        {
            bool isV4 = packet[0] >> 4 == 4;
            int offset = isV4 ? Ipv4Header.TotalLengthOffset : Ipv6Header.PayloadLengthOffset;
            int length = isV4 ? packet.Length : packet.Length - Ipv6Header.SizeBytes;
            BinaryPrimitives.WriteUInt16BigEndian(packet[offset..], (ushort)length);
        }
    }

    private static bool IsFragment(ReadOnlySpan<byte> packet) => Ipv4Header.TryParse(packet, out Ipv4Header v4)
        ? v4.IsFragment
        : Ipv6Header.TryParse(packet, out Ipv6Header v6) && v6.FindUpper().IsFragment;
}

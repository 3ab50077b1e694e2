using System;
using System.Buffers.Binary;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.Benchmarks.Forwarding;

/// <summary>A mesh of two nodes and packets from the first one's pod to the second one's.</summary>
internal static class BenchmarkPackets
{
    public const int Peer = 0;
    private const uint Near = 0x0AF4_0107; // 10.244.1.7
    private const uint Far = 0x0AF4_0509; // 10.244.5.9

    /// <summary>As the sending node sees it.</summary>
    public static RoutingTables SenderTables { get; } = Tables(NextHop.Local, NextHop.Peer(Peer));

    /// <summary>As the receiving node sees it.</summary>
    public static RoutingTables ReceiverTables { get; } = Tables(NextHop.Peer(Peer), NextHop.Local);

    /// <summary>A UDP datagram over IPv4, as a kernel with offloads gives it: its checksum partial.</summary>
    public static Packet Udp(PacketPool pool, int bytes, ushort port = 1000)
    {
        if (!pool.TryRent(bytes, out Packet? packet))
        {
            throw new InvalidOperationException("the pool is too small");
        }

        Span<byte> ip = packet.Bytes;
        ip.Clear();
        ip[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(ip[2..], (ushort)bytes);
        ip[6] = 0x40;
        ip[8] = 64;
        ip[9] = IpProtocol.Udp;
        BinaryPrimitives.WriteUInt32BigEndian(ip[12..], Near);
        BinaryPrimitives.WriteUInt32BigEndian(ip[16..], Far);
        Ipv4Header.UpdateChecksum(ip[..20]);
        BinaryPrimitives.WriteUInt16BigEndian(ip[20..], port);
        BinaryPrimitives.WriteUInt16BigEndian(ip[24..], (ushort)(bytes - 20));
        ulong pseudo = InternetChecksum.PseudoHeader4(ip, IpProtocol.Udp, bytes - 20);
        BinaryPrimitives.WriteUInt16BigEndian(ip[26..], InternetChecksum.Fold(pseudo));
        new OffloadHeader
        {
            Flags = OffloadHeader.NeedsChecksumFlag,
            ChecksumStart = 20,
            ChecksumOffset = 6,
        }.Write(packet.OffloadHeader);
        packet.IsOffloaded = true;
        return packet;
    }

    private static RoutingTables Tables(NextHop near, NextHop far) => RouteCompiler.Compile(
    [
        new NodeRoutes("near", near, [Prefix4.Covering(Near, 24)], []),
        new NodeRoutes("far", far, [Prefix4.Covering(Far, 24)], []),
    ]).Tables;
}

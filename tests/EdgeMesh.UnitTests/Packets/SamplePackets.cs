using System;
using System.Buffers.Binary;
using EdgeMesh.Packets;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.UnitTests.Packets;

/// <summary>Packets made field by field, without the code under test but for the checksum's sum.</summary>
internal static class SamplePackets
{
    public const uint PodA = 0x0AF4_0107; // 10.244.1.7
    public const uint PodB = 0x0AF4_0509; // 10.244.5.9
    public static readonly UInt128 PodA6 = new(0xFD00_0001_0000_0000, 7);
    public static readonly UInt128 PodB6 = new(0xFD00_0005_0000_0000, 9);

    public static byte[] Udp4(
        int payloadBytes,
        ushort id = 1,
        byte tos = 0,
        ushort sourcePort = 1000,
        uint source = PodA,
        uint destination = PodB)
    {
        byte[] transport = UdpTransport(payloadBytes, sourcePort);
        byte[] packet = Ip4(IpProtocol.Udp, transport, id, tos, source, destination);
        Complete(packet, 20, IpProtocol.Udp, 6);
        return packet;
    }

    public static byte[] Tcp4(
        int payloadBytes,
        uint sequence,
        byte flags = TcpHeader.Ack,
        ushort id = 1,
        byte[]? options = null,
        ushort sourcePort = 1000)
    {
        byte[] transport = TcpTransport(payloadBytes, sequence, flags, options ?? [], sourcePort);
        byte[] packet = Ip4(IpProtocol.Tcp, transport, id, 0, PodA, PodB);
        Complete(packet, 20, IpProtocol.Tcp, 16);
        return packet;
    }

    public static byte[] Udp6(int payloadBytes, ushort sourcePort = 1000)
    {
        byte[] packet = Ip6(IpProtocol.Udp, UdpTransport(payloadBytes, sourcePort));
        Complete(packet, 40, IpProtocol.Udp, 6);
        return packet;
    }

    public static byte[] Tcp6(
        int payloadBytes, uint sequence, byte flags = TcpHeader.Ack, ushort sourcePort = 1000)
    {
        byte[] packet = Ip6(IpProtocol.Tcp, TcpTransport(payloadBytes, sequence, flags, [], sourcePort));
        Complete(packet, 40, IpProtocol.Tcp, 16);
        return packet;
    }

    public static byte[] Icmp4(byte type)
    {
        byte[] icmp = new byte[64];
        icmp[0] = type;
        BinaryPrimitives.WriteUInt16BigEndian(icmp.AsSpan(2), InternetChecksum.Finish(InternetChecksum.Sum(icmp)));
        return Ip4(IpProtocol.Icmp, icmp, 1, 0, PodA, PodB);
    }

    public static byte[] Ip4(byte protocol, byte[] payload, ushort id, byte tos, uint source, uint destination)
    {
        byte[] packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        packet[1] = tos;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), id);
        packet[8] = 64;
        packet[9] = protocol;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), source);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), destination);
        BinaryPrimitives.WriteUInt16BigEndian(
            packet.AsSpan(10), InternetChecksum.Finish(InternetChecksum.Sum(packet.AsSpan(0, 20))));
        payload.CopyTo(packet, 20);
        return packet;
    }

    public static byte[] Ip6(byte nextHeader, byte[] payload)
    {
        byte[] packet = new byte[40 + payload.Length];
        packet[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), (ushort)payload.Length);
        packet[6] = nextHeader;
        packet[7] = 64;
        BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(8), PodA6);
        BinaryPrimitives.WriteUInt128BigEndian(packet.AsSpan(24), PodB6);
        payload.CopyTo(packet, 40);
        return packet;
    }

    /// <summary>
    /// Makes the transport checksum partial, as a kernel with offloads does; returns the offload header.
    /// </summary>
    public static OffloadHeader MakePartial(byte[] packet)
    {
        bool isV4 = packet[0] >> 4 == 4;
        byte protocol = isV4 ? packet[9] : packet[6];
        int start = isV4 ? 20 : 40;
        int offset = protocol == IpProtocol.Tcp ? 16 : 6;
        ulong pseudo = Pseudo(packet, isV4, protocol);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(start + offset), InternetChecksum.Fold(pseudo));
        return new OffloadHeader
        {
            Flags = OffloadHeader.NeedsChecksumFlag,
            ChecksumStart = (ushort)start,
            ChecksumOffset = (ushort)offset,
        };
    }

    public static Packet Rent(PacketPool pool, byte[] bytes, OffloadHeader offload = default)
    {
        if (!pool.TryRent(bytes.Length, out Packet? packet))
        {
            throw new InvalidOperationException("the test's pool is too small");
        }

        bytes.CopyTo(packet.Bytes);
        offload.Write(packet.OffloadHeader);
        packet.IsOffloaded = !offload.IsPlain;
        return packet;
    }

    /// <summary>The checksum again, by the definition: 16 bits at a time.</summary>
    public static ushort SlowChecksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i < bytes.Length; i++)
        {
            sum += i % 2 == 0 ? (uint)bytes[i] << 8 : bytes[i];
            sum = (sum & 0xFFFF) + (sum >> 16);
        }

        return (ushort)sum;
    }

    private static byte[] UdpTransport(int payloadBytes, ushort sourcePort)
    {
        byte[] transport = new byte[8 + payloadBytes];
        BinaryPrimitives.WriteUInt16BigEndian(transport, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(2), 2000);
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(4), (ushort)transport.Length);
        Fill(transport.AsSpan(8), sourcePort);
        return transport;
    }

    private static byte[] TcpTransport(
        int payloadBytes, uint sequence, byte flags, byte[] options, ushort sourcePort)
    {
        byte[] transport = new byte[20 + options.Length + payloadBytes];
        BinaryPrimitives.WriteUInt16BigEndian(transport, sourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(2), 2000);
        BinaryPrimitives.WriteUInt32BigEndian(transport.AsSpan(4), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(transport.AsSpan(8), 777);
        transport[12] = (byte)((20 + options.Length) / 4 << 4);
        transport[13] = flags;
        BinaryPrimitives.WriteUInt16BigEndian(transport.AsSpan(14), 500);
        options.CopyTo(transport, 20);
        Fill(transport.AsSpan(20 + options.Length), sequence);
        return transport;
    }

    private static void Fill(Span<byte> payload, uint seed)
    {
        for (int i = 0; i < payload.Length; i++)
        {
            payload[i] = (byte)(((seed + i) * 31) & 0xFF);
        }
    }

    private static void Complete(byte[] packet, int start, byte protocol, int offset)
    {
        ulong pseudo = Pseudo(packet, start == 20, protocol);
        ushort checksum = InternetChecksum.Finish(InternetChecksum.Sum(packet.AsSpan(start), pseudo));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(start + offset), checksum == 0 ? (ushort)0xFFFF : checksum);
    }

    private static ulong Pseudo(byte[] packet, bool isV4, byte protocol) => isV4
        ? InternetChecksum.PseudoHeader4(packet, protocol, packet.Length - 20)
        : InternetChecksum.PseudoHeader6(packet, protocol, packet.Length - 40);
}

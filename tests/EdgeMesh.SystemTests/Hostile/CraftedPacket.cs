using System;
using System.Buffers.Binary;
using System.Net;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>IPv4 packets made by hand, right and wrong.</summary>
internal static class CraftedPacket
{
    public const byte Icmp = 1;
    public const byte Tcp = 6;
    public const byte Udp = 17;

    private const int HeaderBytes = 20;

    /// <summary>A packet with a proper header and any payload.</summary>
    public static byte[] Ipv4(string source, string destination, byte protocol, ReadOnlySpan<byte> payload)
    {
        byte[] packet = new byte[HeaderBytes + payload.Length];
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[8] = 64;
        packet[9] = protocol;
        IPAddress.Parse(source).TryWriteBytes(packet.AsSpan(12), out _);
        IPAddress.Parse(destination).TryWriteBytes(packet.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), Checksum(packet.AsSpan(0, HeaderBytes)));
        payload.CopyTo(packet.AsSpan(HeaderBytes));
        return packet;
    }

    /// <summary>An echo request.</summary>
    public static byte[] Ping(string source, string destination, ushort sequence)
    {
        byte[] message = new byte[16];
        message[0] = 8;
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(4), 0xed6e);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(6), sequence);
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Checksum(message));
        return Ipv4(source, destination, Icmp, message);
    }

    /// <summary>Whether a packet answers the echo request of that sequence.</summary>
    public static bool IsPong(ReadOnlySpan<byte> packet, ushort sequence) =>
        packet.Length >= HeaderBytes + 8 && packet[9] == Icmp && packet[HeaderBytes] == 0 &&
        BinaryPrimitives.ReadUInt16BigEndian(packet[(HeaderBytes + 6)..]) == sequence;

    /// <summary><c>struct virtio_net_hdr</c>.</summary>
    public static byte[] Offload(
        byte flags, byte type, int headerBytes, int gsoBytes, int checksumStart, int checksumOffset)
    {
        byte[] header = new byte[10];
        header[0] = flags;
        header[1] = type;
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(2), (ushort)headerBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(4), (ushort)gsoBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(6), (ushort)checksumStart);
        BinaryPrimitives.WriteUInt16LittleEndian(header.AsSpan(8), (ushort)checksumOffset);
        return header;
    }

    private static ushort Checksum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        for (int i = 0; i + 1 < bytes.Length; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(bytes[i..]);
        }

        while (sum > ushort.MaxValue)
        {
            sum = (sum & ushort.MaxValue) + (sum >> 16);
        }

        return unchecked((ushort)~sum);
    }
}

using System;
using System.Buffers.Binary;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>A UDP packet from pod to pod that carries its label, and bytes that follow from it.</summary>
/// <remarks><code>
///   IPv4 header (20) | UDP header (8) | id, from, to, flow, sequence (20) | filling
/// </code></remarks>
public static class LabelledPacket
{
    public const int BytesMin = 48;

    // Room for the label, and a multiple of 8 (RFC 791 section 3.2).
    private const int FragmentBytesMin = 32;
    private const int HeaderBytes = 20;
    private const int LabelOffset = 28;
    private const int FlowPortMin = 10_000;

    /// <summary>The prefix of a node's pods: 172.(16 + n / 256).(n % 256).0/24.</summary>
    public static uint PrefixOf(int node) =>
        (172u << 24) | ((16u + ((uint)node >> 8)) << 16) | (((uint)node & 255) << 8);

    /// <summary>Makes the packet.</summary>
    /// <param name="label">What it says.</param>
    /// <param name="bytes">Its length, at least <see cref="BytesMin"/>; a fragment's is within 7 bytes of it.</param>
    /// <param name="fragments">Packets of one datagram: as many that follow each other; 1: each is a whole one.</param>
    public static byte[] Make(PacketLabel label, int bytes, int fragments = 1)
    {
        bytes = fragments > 1 ? HeaderBytes + Math.Max((bytes - HeaderBytes) & ~7, FragmentBytesMin) : bytes;
        byte[] packet = new byte[bytes];
        (int datagram, int fragment) = Math.DivRem(label.Sequence, fragments);
        int more = fragment < fragments - 1 ? 0x2000 : 0;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(4), unchecked((ushort)datagram));
        int offset = fragment * (bytes - HeaderBytes) / 8;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(6), (ushort)(more | offset));
        packet[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)bytes);
        packet[8] = 63;
        packet[9] = 17;
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(12), PrefixOf(label.From) | 1);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(16), PrefixOf(label.To) | 1);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), HeaderChecksum(packet));
        if (fragment == 0)
        {
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(20), (ushort)(FlowPortMin + label.Flow));
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), FlowPortMin);
            BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(24), (ushort)((bytes - HeaderBytes) * fragments));
        }

        Span<byte> rest = packet.AsSpan(LabelOffset);
        BinaryPrimitives.WriteInt32BigEndian(rest, label.Id);
        BinaryPrimitives.WriteInt32BigEndian(rest[4..], label.From);
        BinaryPrimitives.WriteInt32BigEndian(rest[8..], label.To);
        BinaryPrimitives.WriteInt32BigEndian(rest[12..], label.Flow);
        BinaryPrimitives.WriteInt32BigEndian(rest[16..], label.Sequence);
        rest[20..].Fill(Filling(label));
        return packet;
    }

    /// <summary>Reads what a packet says.</summary>
    /// <returns>False if it is not one that was made here, byte for byte.</returns>
    public static bool TryRead(ReadOnlySpan<byte> packet, out PacketLabel label)
    {
        label = default;
        if (packet.Length < BytesMin || BinaryPrimitives.ReadUInt16BigEndian(packet[2..]) != packet.Length)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = packet[LabelOffset..];
        label = new PacketLabel(
            BinaryPrimitives.ReadInt32BigEndian(rest),
            BinaryPrimitives.ReadInt32BigEndian(rest[4..]),
            BinaryPrimitives.ReadInt32BigEndian(rest[8..]),
            BinaryPrimitives.ReadInt32BigEndian(rest[12..]),
            BinaryPrimitives.ReadInt32BigEndian(rest[16..]));
        return BinaryPrimitives.ReadUInt32BigEndian(packet[16..]) == (PrefixOf(label.To) | 1)
            && !rest[20..].ContainsAnyExcept(Filling(label));
    }

    /// <summary>Whether a packet is ICMP that says "unreachable": the node's own answer to its pod.</summary>
    public static bool IsUnreachable(ReadOnlySpan<byte> packet) =>
        packet.Length >= BytesMin && packet[0] == 0x45 && packet[9] == 1 && packet[20] == 3;

    private static byte Filling(PacketLabel label) => (byte)((label.Id & 127) | 128);

    private static ushort HeaderChecksum(ReadOnlySpan<byte> header)
    {
        uint sum = 0;
        for (int i = 0; i < 20; i += 2)
        {
            sum += BinaryPrimitives.ReadUInt16BigEndian(header[i..]);
        }

        sum = (sum & 0xffff) + (sum >> 16);
        sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)(~sum & 0xffff);
    }
}

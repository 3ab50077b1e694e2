using System;
using System.Buffers.Binary;
using System.Net;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>A TCP segment over IPv4, made by hand, and read again.</summary>
/// <param name="SourcePort">Tells flows apart.</param>
/// <param name="Sequence">Of its first byte.</param>
/// <param name="PayloadBytes">Payload, zeros.</param>
internal readonly record struct TcpSegment(ushort SourcePort, uint Sequence, int PayloadBytes)
{
    private const int TcpBytes = 20;
    private const int OptionBytes = 4;
    private const byte OptionNothing = 1; // RFC 791: "no operation"

    /// <summary>The packet.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="destination">Where to.</param>
    /// <param name="port">Port there.</param>
    /// <param name="hasOption">Whether the IP header has an option: no super-packet can hold it then.</param>
    public byte[] ToPacket(IPAddress source, IPAddress destination, ushort port, bool hasOption)
    {
        int header = 20 + (hasOption ? OptionBytes : 0);
        byte[] packet = new byte[header + TcpBytes + PayloadBytes];
        packet[0] = (byte)(0x40 | (header / 4));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), (ushort)packet.Length);
        packet[6] = 0x40; // don't fragment
        packet[8] = 64;
        packet[9] = IpProtocol.Tcp;
        source.TryWriteBytes(packet.AsSpan(12), out _);
        destination.TryWriteBytes(packet.AsSpan(16), out _);
        packet.AsSpan(20, header - 20).Fill(OptionNothing);
        Ipv4Header.UpdateChecksum(packet.AsSpan(0, header));
        Span<byte> tcp = packet.AsSpan(header);
        BinaryPrimitives.WriteUInt16BigEndian(tcp, SourcePort);
        BinaryPrimitives.WriteUInt16BigEndian(tcp[2..], port);
        BinaryPrimitives.WriteUInt32BigEndian(tcp[4..], Sequence);
        tcp[12] = 0x50;
        tcp[13] = 0x10; // ACK
        BinaryPrimitives.WriteUInt16BigEndian(tcp[14..], 1024);
        ulong pseudo = InternetChecksum.PseudoHeader4(packet, IpProtocol.Tcp, tcp.Length);
        ushort sum = InternetChecksum.Finish(InternetChecksum.Sum(tcp, pseudo));
        BinaryPrimitives.WriteUInt16BigEndian(tcp[16..], sum);
        return packet;
    }

    /// <summary>Reads a packet, or a super-packet of several segments.</summary>
    /// <returns>False if it is no segment.</returns>
    public static bool TryParse(ReadOnlySpan<byte> packet, out TcpSegment segment)
    {
        segment = default;
        int header = packet.Length > 0 ? (packet[0] & 0xf) * 4 : 0;
        if (packet.Length < header + TcpBytes || packet[0] >> 4 != 4)
        {
            return false;
        }

        ReadOnlySpan<byte> tcp = packet[header..];
        segment = new TcpSegment(
            BinaryPrimitives.ReadUInt16BigEndian(tcp),
            BinaryPrimitives.ReadUInt32BigEndian(tcp[4..]),
            tcp.Length - ((tcp[12] >> 4) * 4));
        return true;
    }
}

using System;
using System.Buffers.Binary;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.SystemTests.Io;

/// <summary>UDP packets made by hand.</summary>
internal static class TunPackets
{
    public const int HeaderBytes = 28;

    private const int ProtocolUdp = 17;

    /// <summary>
    /// Writes an IPv4 UDP packet from the far address to the near one; the UDP checksum is left out, as it may be.
    /// </summary>
    /// <returns>Its length.</returns>
    public static int WriteUdp(Span<byte> bytes, int port, ReadOnlySpan<byte> payload)
    {
        int length = HeaderBytes + payload.Length;
        bytes[..HeaderBytes].Clear();
        bytes[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)length);
        bytes[8] = 64;
        bytes[9] = ProtocolUdp;
        TunNamespace.Far.TryWriteBytes(bytes[12..], out _);
        TunNamespace.Near.TryWriteBytes(bytes[16..], out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[10..], InternetChecksum.Finish(InternetChecksum.Sum(bytes[..20])));
        BinaryPrimitives.WriteUInt16BigEndian(bytes[20..], 7);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[22..], (ushort)port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[24..], (ushort)(8 + payload.Length));
        payload.CopyTo(bytes[HeaderBytes..]);
        return length;
    }

    public static bool IsUdp(ReadOnlySpan<byte> packet) =>
        packet.Length >= HeaderBytes && packet[0] == 0x45 && packet[9] == ProtocolUdp;

    public static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> packet) => packet[HeaderBytes..];

    /// <summary>Sends a packet back to where it came from: both addresses and both ports change places.</summary>
    public static void TurnAround(Span<byte> packet)
    {
        Swap(packet.Slice(12, 4), packet.Slice(16, 4));
        Swap(packet.Slice(20, 2), packet.Slice(22, 2));
    }

    private static void Swap(Span<byte> one, Span<byte> other)
    {
        for (int i = 0; i < one.Length; i++)
        {
            (one[i], other[i]) = (other[i], one[i]);
        }
    }

    /// <summary>A payload that says its number; its length depends on it.</summary>
    public static byte[] PayloadOf(int number)
    {
        byte[] payload = new byte[4 + (number * 37 % 1400)];
        Array.Fill(payload, (byte)number);
        BinaryPrimitives.WriteInt32BigEndian(payload, number);
        return payload;
    }
}

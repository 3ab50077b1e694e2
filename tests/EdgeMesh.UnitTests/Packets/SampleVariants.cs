using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using EdgeMesh.Packets.Headers;

namespace EdgeMesh.UnitTests.Packets;

/// <summary>What hosts and routers make of a packet: fragments, options, extension headers.</summary>
internal static class SampleVariants
{
    /// <summary>The fragments of a packet, in order.</summary>
    /// <param name="packet">IPv4 or IPv6, plain.</param>
    /// <param name="fragmentBytes">Payload of each but the last; a multiple of 8.</param>
    /// <param name="id">The identification.</param>
    public static List<byte[]> Fragments(byte[] packet, int fragmentBytes, uint id)
    {
        bool isV4 = packet[0] >> 4 == 4;
        int headerBytes = isV4 ? 20 : 40;
        var fragments = new List<byte[]>();
        for (int from = headerBytes; from < packet.Length; from += fragmentBytes)
        {
            int to = Math.Min(packet.Length, from + fragmentBytes);
            bool isLast = to == packet.Length;
            int place = from - headerBytes;
            fragments.Add(isV4
                ? Fragment4(packet, packet[from..to], place, isLast, (ushort)(id & ushort.MaxValue))
                : Fragment6(packet, packet[from..to], place, isLast, id));
        }

        return fragments;
    }

    /// <summary>An IPv4 packet with options that mean nothing.</summary>
    public static byte[] WithOptions(byte[] packet, int optionBytes = 4)
    {
        byte[] changed = [.. packet[..20], .. Repeat(1, optionBytes), .. packet[20..]];
        changed[0] = (byte)(0x40 | ((20 + optionBytes) / 4));
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(2), (ushort)changed.Length);
        Ipv4Header.UpdateChecksum(changed.AsSpan(0, 20 + optionBytes));
        return changed;
    }

    /// <summary>An IPv6 packet with a chain of extension headers of 8 bytes each.</summary>
    public static byte[] WithExtensions(byte[] packet, int count, byte extension = IpProtocol.DestinationOptions)
    {
        var chain = new List<byte>();
        for (int i = 0; i < count; i++)
        {
            chain.AddRange([i == count - 1 ? packet[6] : extension, 0, 1, 4, 0, 0, 0, 0]);
        }

        byte[] changed = [.. packet[..40], .. chain, .. packet[40..]];
        changed[6] = count == 0 ? packet[6] : extension;
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(4), (ushort)(changed.Length - 40));
        return changed;
    }

    /// <summary>The packet's first bytes, as a packet of its own whose length is right.</summary>
    public static byte[] CutShort(byte[] packet, int length)
    {
        byte[] changed = packet[..length];
        bool isV4 = packet[0] >> 4 == 4;
        BinaryPrimitives.WriteUInt16BigEndian(changed.AsSpan(isV4 ? 2 : 4), (ushort)(isV4 ? length : length - 40));
        return changed;
    }

    private static byte[] Fragment4(byte[] packet, byte[] payload, int place, bool isLast, ushort id)
    {
        byte[] fragment = [.. packet[..20], .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(2), (ushort)fragment.Length);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(4), id);
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(6), (ushort)((place / 8) | (isLast ? 0 : 0x2000)));
        Ipv4Header.UpdateChecksum(fragment.AsSpan(0, 20));
        return fragment;
    }

    private static byte[] Fragment6(byte[] packet, byte[] payload, int place, bool isLast, uint id)
    {
        byte[] header = new byte[8];
        header[0] = packet[6];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), (ushort)(place | (isLast ? 0 : 1)));
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), id);
        byte[] fragment = [.. packet[..40], .. header, .. payload];
        fragment[6] = IpProtocol.Fragment;
        BinaryPrimitives.WriteUInt16BigEndian(fragment.AsSpan(4), (ushort)(fragment.Length - 40));
        return fragment;
    }

    private static byte[] Repeat(byte value, int count)
    {
        byte[] bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}

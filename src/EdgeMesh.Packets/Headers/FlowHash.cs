using System;
using System.Buffers.Binary;
using System.Numerics;

namespace EdgeMesh.Packets.Headers;

/// <summary>Numbers that are equal for packets of one flow, and spread otherwise.</summary>
/// <remarks>
/// A flow is addresses, protocol and ports. Fragments hash by addresses and protocol alone, all of them, so that the
/// pieces of one packet keep together. Not symmetric: the two directions of a connection are two flows.
/// </remarks>
public static class FlowHash
{
    // Odd constants with well spread bits: the fractional parts of the golden ratio and of the square root of 3.
    private const ulong GoldenRatio = 0x9E37_79B9_7F4A_7C15;
    private const ulong RootOfThree = 0xBB67_AE85_84CA_A73B;

    /// <summary>The hash of an IPv4 packet.</summary>
    /// <param name="header">The packet.</param>
    /// <param name="seed">Chosen at start, so that pods can't choose ports that collide.</param>
    public static uint Of(in Ipv4Header header, ulong seed)
    {
        uint ports = header.IsFragment ? 0 : Ports(header.Protocol, header.Payload);
        ulong addresses = ((ulong)header.Source << 32) | header.Destination;
        return Finish(Mix(Mix(seed, addresses), ((ulong)header.Protocol << 32) | ports));
    }

    /// <summary>The hash of an IPv6 packet.</summary>
    /// <param name="packet">The whole packet.</param>
    /// <param name="header">The packet's header.</param>
    /// <param name="seed">Chosen at start, so that pods can't choose ports that collide.</param>
    public static uint Of(ReadOnlySpan<byte> packet, in Ipv6Header header, ulong seed)
    {
        ulong hash = seed;
        for (int offset = Ipv6Header.SourceOffset; offset < Ipv6Header.SizeBytes; offset += sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64BigEndian(packet[offset..]));
        }

        if (!header.TryFindUpper(out Ipv6Upper upper))
        {
            return Finish(hash);
        }

        uint ports = upper.IsFragment ? 0 : Ports(upper.Protocol, packet[upper.Offset..header.TotalLength]);
        return Finish(Mix(hash, ((ulong)upper.Protocol << 32) | ports));
    }

    private static uint Ports(byte protocol, ReadOnlySpan<byte> payload) =>
        protocol is IpProtocol.Tcp or IpProtocol.Udp && payload.Length >= sizeof(uint)
            ? BinaryPrimitives.ReadUInt32BigEndian(payload)
            : 0;

    private static ulong Mix(ulong hash, ulong value)
    {
        unchecked
        {
            return BitOperations.RotateLeft((hash ^ value) * GoldenRatio, 29) * RootOfThree;
        }
    }

    private static uint Finish(ulong hash) => (uint)(hash >> 32) ^ (uint)(hash & 0xFFFF_FFFF);
}

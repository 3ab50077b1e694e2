using System;
using System.Buffers.Binary;
using System.Numerics;

namespace EdgeMesh.Packets.Headers;

/// <summary>Numbers that are equal for packets of one flow, and spread otherwise.</summary>
/// <remarks>
/// A flow is addresses, protocol and ports. A datagram's first fragment has its ports, so it hashes as its flow; the
/// later ones have none and hash by addresses and protocol alone: who needs them in their flow must remember the first.
/// Not symmetric: the two directions of a connection are two flows.
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
        uint ports = header.IsLaterFragment ? 0 : Ports(header.Protocol, header.Payload);
        return Of(header.Addresses, header.Protocol, ports, seed);
    }

    /// <summary>The hash of an IPv6 packet.</summary>
    /// <param name="header">The packet.</param>
    /// <param name="upper">What the packet's header found at the end of its extension headers.</param>
    /// <param name="seed">Chosen at start, so that pods can't choose ports that collide.</param>
    public static uint Of(in Ipv6Header header, in Ipv6Upper upper, ulong seed)
    {
        uint ports = upper.IsLaterFragment ? 0 : Ports(upper.Protocol, header.PayloadOf(upper));
        return Of(header.Addresses, upper.Protocol, ports, seed);
    }

    /// <summary>The hash of what makes a flow.</summary>
    /// <param name="addresses">Source and destination, 8 bytes or 32.</param>
    /// <param name="protocol">The upper protocol.</param>
    /// <param name="ports">The first 4 bytes of its header, or what else tells flows apart.</param>
    /// <param name="seed">Chosen at start, so that pods can't choose ports that collide.</param>
    public static uint Of(ReadOnlySpan<byte> addresses, byte protocol, uint ports, ulong seed)
    {
        ulong hash = seed;
        for (int offset = 0; offset < addresses.Length; offset += sizeof(ulong))
        {
            hash = Mix(hash, BinaryPrimitives.ReadUInt64BigEndian(addresses[offset..]));
        }

        return Finish(Mix(hash, ((ulong)protocol << 32) | ports));
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

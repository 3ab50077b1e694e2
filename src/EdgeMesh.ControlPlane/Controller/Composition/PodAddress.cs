using System;
using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>An address of a pod, or the first one of a prefix. Both families stand at the top bits.</summary>
/// <param name="Bits">The address; an IPv4 address in the upper 32 bits, the others zero.</param>
/// <param name="IsIpv6">Is it an IPv6 address?</param>
internal readonly record struct PodAddress(UInt128 Bits, bool IsIpv6)
{
    private const int AllBits = 128;

    /// <summary>Bits of an address of this family.</summary>
    internal int BitCount => IsIpv6 ? AllBits : 32;

    /// <summary>Reads the one plain form of each family, as the API has it.</summary>
    /// <param name="text">The text.</param>
    /// <param name="address">The address.</param>
    /// <returns>False if it is none.</returns>
    internal static bool TryParse(string? text, out PodAddress address)
    {
        address = default;
        // IPAddress also takes "10.1", "0x0a000001", scopes and brackets.
        if (text is null
            || text.AsSpan().ContainsAny('%', '[', ']')
            || !IPAddress.TryParse(text, out IPAddress? parsed)
            || parsed.IsIPv4MappedToIPv6
            || (parsed.AddressFamily == AddressFamily.InterNetwork && parsed.ToString() != text))
        {
            return false;
        }

        address = Of(parsed.GetAddressBytes());
        return true;
    }

    /// <summary>The address in network byte order.</summary>
    /// <param name="bytes">4 or 16 bytes.</param>
    internal static PodAddress Of(ReadOnlySpan<byte> bytes)
    {
        Span<byte> whole = stackalloc byte[16];
        whole.Clear();
        bytes.CopyTo(whole);
        return new PodAddress(BinaryPrimitives.ReadUInt128BigEndian(whole), bytes.Length == whole.Length);
    }

    /// <summary>The first address of the prefix of this length that it lies in.</summary>
    internal PodAddress First(int length) =>
        this with { Bits = length == 0 ? 0 : Bits & (UInt128.MaxValue << (AllBits - length)) };

    /// <summary>The bytes in network byte order.</summary>
    /// <param name="whole">At least 16 bytes of room.</param>
    /// <returns>4 or 16 of them.</returns>
    internal ReadOnlySpan<byte> Write(Span<byte> whole)
    {
        BinaryPrimitives.WriteUInt128BigEndian(whole, Bits);
        return whole[..(BitCount / 8)];
    }

    /// <summary>The prefix of a length that begins here.</summary>
    internal IpPrefix ToPrefix(int length)
    {
        Span<byte> whole = stackalloc byte[16];
        return new IpPrefix { Address = ByteString.CopyFrom(Write(whole)), Length = (uint)length };
    }

    /// <summary>IPv4 first, then by address.</summary>
    internal int CompareTo(PodAddress other)
    {
        int byFamily = IsIpv6.CompareTo(other.IsIpv6);
        return byFamily != 0 ? byFamily : Bits.CompareTo(other.Bits);
    }

    /// <inheritdoc/>
    public override string ToString()
    {
        Span<byte> whole = stackalloc byte[16];
        return new IPAddress(Write(whole)).ToString();
    }
}

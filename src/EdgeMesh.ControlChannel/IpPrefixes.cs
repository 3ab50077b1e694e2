using System;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlChannel;

/// <summary>Text and arithmetic of <see cref="IpPrefix"/> messages.</summary>
public static class IpPrefixes
{
    private const int Ipv4Bytes = 4;
    private const int Ipv6Bytes = 16;

    /// <summary>Reads <c>10.244.1.0/24</c> or <c>fd00:1::/64</c>.</summary>
    /// <param name="text">The text.</param>
    /// <param name="prefix">The prefix, host bits zero.</param>
    /// <param name="error">What is wrong and how to mend it.</param>
    /// <returns>False if the text is no prefix.</returns>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out IpPrefix? prefix, [NotNullWhen(false)] out string? error)
    {
        ArgumentNullException.ThrowIfNull(text);
        prefix = null;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        if (slash < 0)
        {
            error = $"'{text}' has no length: write an address, a slash and the length in bits, as in 10.244.1.0/24";
            return false;
        }

        if (!TryParseAddress(text[..slash], out byte[]? address))
        {
            error = $"'{text[..slash]}' is no IP address: write it as in 10.244.1.0/24 or fd00:1::/64";
            return false;
        }

        int bits = address.Length * 8;
        ReadOnlySpan<char> digits = text.AsSpan(slash + 1);
        if (!int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out int length)
            || length > bits
            || (digits.Length > 1 && digits[0] == '0'))
        {
            error = $"'{digits}' is no length of this family: write a number from 0 to {bits}";
            return false;
        }

        var read = new IpPrefix { Address = ByteString.CopyFrom(address), Length = (uint)length };
        if (!IsCanonical(read))
        {
            error = $"'{text}' has bits set after its length: write {Format(Mask(address, length))}";
            return false;
        }

        prefix = read;
        error = null;
        return true;
    }

    /// <summary>Writes a prefix as <see cref="TryParse"/> reads it.</summary>
    /// <param name="prefix">The prefix; a malformed one is written in hexadecimal.</param>
    /// <returns>The text.</returns>
    public static string Format(IpPrefix prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        return prefix.Address.Length is Ipv4Bytes or Ipv6Bytes
            ? $"{new IPAddress(prefix.Address.Span)}/{prefix.Length}"
            : $"{Convert.ToHexStringLower(prefix.Address.Span)}/{prefix.Length}";
    }

    /// <summary>Is the address 4 or 16 bytes, the length within it, and are all bits after the length zero?</summary>
    /// <param name="prefix">The prefix.</param>
    /// <returns>True if so.</returns>
    public static bool IsCanonical(IpPrefix prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ReadOnlySpan<byte> address = prefix.Address.Span;
        if (address.Length is not (Ipv4Bytes or Ipv6Bytes) || prefix.Length > (uint)address.Length * 8)
        {
            return false;
        }

        int whole = (int)(prefix.Length / 8);
        if (whole == address.Length)
        {
            return true;
        }

        int hostBitsOfByte = 0xff >> (int)(prefix.Length % 8);
        return (address[whole] & hostBitsOfByte) == 0 && !address[(whole + 1)..].ContainsAnyExcept((byte)0);
    }

    /// <summary>The order of prefixes in a canonical document: by family, address and length.</summary>
    /// <param name="one">One.</param>
    /// <param name="other">The other.</param>
    /// <returns>Less than 0 if the first comes first, 0 if they are equal.</returns>
    public static int Compare(IpPrefix one, IpPrefix other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        int byFamily = one.Address.Length.CompareTo(other.Address.Length);
        int byAddress = byFamily != 0 ? byFamily : one.Address.Span.SequenceCompareTo(other.Address.Span);
        return byAddress != 0 ? byAddress : one.Length.CompareTo(other.Length);
    }

    /// <summary>Does a canonical prefix cover another one, or equal it?</summary>
    /// <param name="outer">The one that covers.</param>
    /// <param name="inner">The one that is covered.</param>
    /// <returns>False also if the families differ.</returns>
    public static bool Contains(IpPrefix outer, IpPrefix inner)
    {
        ArgumentNullException.ThrowIfNull(outer);
        ArgumentNullException.ThrowIfNull(inner);
        return outer.Length <= inner.Length && Covers(outer, inner.Address.Span);
    }

    /// <summary>Is an address within a canonical prefix?</summary>
    /// <param name="prefix">The prefix.</param>
    /// <param name="address">4 or 16 bytes, network byte order.</param>
    /// <returns>False also if the families differ.</returns>
    public static bool Covers(IpPrefix prefix, ReadOnlySpan<byte> address)
    {
        ArgumentNullException.ThrowIfNull(prefix);
        ReadOnlySpan<byte> network = prefix.Address.Span;
        if (network.Length != address.Length)
        {
            return false;
        }

        int whole = (int)(prefix.Length / 8);
        if (!network[..whole].SequenceEqual(address[..whole]))
        {
            return false;
        }

        int rest = (int)(prefix.Length % 8);
        return rest == 0 || (network[whole] ^ address[whole]) >> (8 - rest) == 0;
    }

    /// <summary>Do two canonical prefixes share an address?</summary>
    /// <param name="one">One.</param>
    /// <param name="other">The other.</param>
    /// <returns>True if one contains the other.</returns>
    public static bool Overlap(IpPrefix one, IpPrefix other) => Contains(one, other) || Contains(other, one);

    private static bool TryParseAddress(string text, [NotNullWhen(true)] out byte[]? address)
    {
        // IPAddress also takes "10.1", "0x0a000001", scopes and brackets; only the one plain form of each family passes
        // here.
        address = null;
        bool isIpv6 = text.Contains(':', StringComparison.Ordinal);
        if (text.AsSpan().ContainsAny('%', '[', ']')
            || !IPAddress.TryParse(text, out IPAddress? parsed)
            || parsed.AddressFamily != (isIpv6 ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork)
            || (!isIpv6 && parsed.ToString() != text))
        {
            return false;
        }

        address = parsed.GetAddressBytes();
        return true;
    }

    private static IpPrefix Mask(byte[] address, int length)
    {
        byte[] masked = (byte[])address.Clone();
        for (int i = 0; i < masked.Length; i++)
        {
            int keep = Math.Clamp(length - (i * 8), 0, 8);
            masked[i] &= (byte)((0xff00 >> keep) & 0xff);
        }

        return new IpPrefix { Address = ByteString.CopyFrom(masked), Length = (uint)length };
    }
}

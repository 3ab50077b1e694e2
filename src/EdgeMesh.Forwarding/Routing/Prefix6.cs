using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Net;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>An IPv6 network: the addresses that share its first bits (RFC 4291 §2.3). Always canonical.</summary>
public readonly record struct Prefix6 : IComparable<Prefix6>
{
    /// <summary>Bits of an address.</summary>
    public const int LengthMax = 128;

    private static readonly SearchValues<char> AddressCharacters = SearchValues.Create("0123456789abcdefABCDEF:.");

    /// <summary>Makes a prefix.</summary>
    /// <param name="address">Network address, host byte order; bits after the length must be zero.</param>
    /// <param name="length">0 to 128.</param>
    public Prefix6(UInt128 address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LengthMax);
        if ((address & ~Mask(length)) != UInt128.Zero)
        {
            throw new ArgumentException("the address has bits after the prefix length", nameof(address));
        }

        Address = address;
        Length = (byte)length;
    }

    /// <summary>Network address, host byte order.</summary>
    public UInt128 Address { get; }

    /// <summary>How many leading bits count.</summary>
    public byte Length { get; }

    /// <summary>The last address that the prefix covers.</summary>
    public UInt128 LastAddress => Address | ~Mask(Length);

    /// <summary>The prefix of this length that covers an address.</summary>
    /// <param name="address">Any address, host byte order.</param>
    /// <param name="length">0 to 128.</param>
    public static Prefix6 Covering(UInt128 address, int length) => new(address & Mask(length), length);

    /// <summary>Whether the prefix covers an address.</summary>
    public bool Covers(UInt128 address) => ((address ^ Address) & Mask(Length)) == UInt128.Zero;

    /// <summary>Whether the prefix covers all of another.</summary>
    public bool Covers(Prefix6 other) => other.Length >= Length && Covers(other.Address);

    /// <summary>Reads "fd00:1::/64"; every spelling of RFC 4291 §2.2, without scope or brackets.</summary>
    /// <returns>False also if bits after the length are set; nobody can say what was meant.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix6 prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (slash < 0
            || !TryParseAddress(text[..slash], out UInt128 address)
            || !PrefixText.TryParseNumber(text[(slash + 1)..], LengthMax, out int length)
            || (address & ~Mask(length)) != UInt128.Zero)
        {
            return false;
        }

        prefix = new Prefix6(address, length);
        return true;
    }

    /// <summary>Reads "fd00:1::7".</summary>
    /// <param name="text">Every spelling of RFC 4291 §2.2, without scope or brackets.</param>
    /// <param name="address">The address, host byte order.</param>
    public static bool TryParseAddress(ReadOnlySpan<char> text, out UInt128 address)
    {
        address = UInt128.Zero;
        Span<byte> bytes = stackalloc byte[16];
        if (!text.Contains(':')
            || text.ContainsAnyExcept(AddressCharacters)
            || !IPAddress.TryParse(text, out IPAddress? parsed)
            || !parsed.TryWriteBytes(bytes, out int written)
            || written != bytes.Length)
        {
            return false;
        }

        address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        return true;
    }

    /// <summary>"fd00:1::7" for an address in host byte order (RFC 5952).</summary>
    public static string FormatAddress(UInt128 address)
    {
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, address);
        return new IPAddress(bytes).ToString();
    }

    /// <summary>Orders by address, then shorter before longer.</summary>
    public int CompareTo(Prefix6 other)
    {
        int order = Address.CompareTo(other.Address);
        return order != 0 ? order : Length.CompareTo(other.Length);
    }

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(Prefix6 left, Prefix6 right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(Prefix6 left, Prefix6 right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not come last.</summary>
    public static bool operator <=(Prefix6 left, Prefix6 right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not come first.</summary>
    public static bool operator >=(Prefix6 left, Prefix6 right) => left.CompareTo(right) >= 0;

    /// <summary>"fd00:1::/64".</summary>
    public override string ToString() => $"{FormatAddress(Address)}/{Length}";

    private static UInt128 Mask(int length) =>
        length == 0 ? UInt128.Zero : UInt128.MaxValue << (LengthMax - length);
}

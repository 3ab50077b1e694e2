using System;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>An IPv4 network: the addresses that share its first bits (RFC 4632). Always canonical.</summary>
public readonly record struct Prefix4 : IComparable<Prefix4>
{
    /// <summary>Bits of an address.</summary>
    public const int LengthMax = 32;

    /// <summary>Makes a prefix.</summary>
    /// <param name="address">Network address, host byte order; bits after the length must be zero.</param>
    /// <param name="length">0 to 32.</param>
    public Prefix4(uint address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, LengthMax);
        if ((address & ~Mask(length)) != 0)
        {
            throw new ArgumentException("the address has bits after the prefix length", nameof(address));
        }

        Address = address;
        Length = (byte)length;
    }

    /// <summary>Network address, host byte order.</summary>
    public uint Address { get; }

    /// <summary>How many leading bits count.</summary>
    public byte Length { get; }

    /// <summary>The last address that the prefix covers.</summary>
    public uint LastAddress => Address | ~Mask(Length);

    /// <summary>The prefix of this length that covers an address.</summary>
    /// <param name="address">Any address, host byte order.</param>
    /// <param name="length">0 to 32.</param>
    public static Prefix4 Covering(uint address, int length) => new(address & Mask(length), length);

    /// <summary>Whether the prefix covers an address.</summary>
    public bool Covers(uint address) => ((address ^ Address) & Mask(Length)) == 0;

    /// <summary>Whether the prefix covers all of another.</summary>
    public bool Covers(Prefix4 other) => other.Length >= Length && Covers(other.Address);

    /// <summary>Reads "10.244.1.0/24": four decimal numbers without leading zeros, and the length.</summary>
    /// <returns>False also if bits after the length are set; nobody can say what was meant.</returns>
    public static bool TryParse(ReadOnlySpan<char> text, out Prefix4 prefix)
    {
        prefix = default;
        int slash = text.IndexOf('/');
        if (slash < 0
            || !TryParseAddress(text[..slash], out uint address)
            || !PrefixText.TryParseNumber(text[(slash + 1)..], LengthMax, out int length)
            || (address & ~Mask(length)) != 0)
        {
            return false;
        }

        prefix = new Prefix4(address, length);
        return true;
    }

    /// <summary>Reads "10.244.1.7".</summary>
    /// <param name="text">Four decimal numbers without leading zeros.</param>
    /// <param name="address">The address, host byte order.</param>
    public static bool TryParseAddress(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        for (int part = 0; part < 4; part++)
        {
            int dot = part < 3 ? text.IndexOf('.') : text.Length;
            if (dot < 0 || !PrefixText.TryParseNumber(text[..dot], byte.MaxValue, out int number))
            {
                return false;
            }

            address = (address << 8) | (uint)number;
            text = part < 3 ? text[(dot + 1)..] : default;
        }

        return true;
    }

    /// <summary>"10.244.1.7" for an address in host byte order.</summary>
    public static string FormatAddress(uint address) =>
        $"{address >> 24}.{(address >> 16) & 0xFF}.{(address >> 8) & 0xFF}.{address & 0xFF}";

    /// <summary>Orders by address, then shorter before longer.</summary>
    public int CompareTo(Prefix4 other)
    {
        int order = Address.CompareTo(other.Address);
        return order != 0 ? order : Length.CompareTo(other.Length);
    }

    /// <summary>Whether <paramref name="left"/> comes first.</summary>
    public static bool operator <(Prefix4 left, Prefix4 right) => left.CompareTo(right) < 0;

    /// <summary>Whether <paramref name="left"/> comes last.</summary>
    public static bool operator >(Prefix4 left, Prefix4 right) => left.CompareTo(right) > 0;

    /// <summary>Whether <paramref name="left"/> does not come last.</summary>
    public static bool operator <=(Prefix4 left, Prefix4 right) => left.CompareTo(right) <= 0;

    /// <summary>Whether <paramref name="left"/> does not come first.</summary>
    public static bool operator >=(Prefix4 left, Prefix4 right) => left.CompareTo(right) >= 0;

    /// <summary>"10.244.1.0/24".</summary>
    public override string ToString() => $"{FormatAddress(Address)}/{Length}";

    private static uint Mask(int length) => length == 0 ? 0 : uint.MaxValue << (LengthMax - length);
}

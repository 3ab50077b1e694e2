using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>
/// Canonical prefixes, each with a value, by address. A look-up costs one dictionary access per length in use.
/// </summary>
/// <typeparam name="T">What a prefix stands for.</typeparam>
internal sealed class PrefixSet<T>
{
    private readonly Dictionary<
        (int Bytes, int Length), Dictionary<UInt128, (IpPrefix Prefix, T Value)>> _byLength = [];

    /// <summary>Adds a prefix.</summary>
    /// <returns>False if the prefix is there already; then <paramref name="existing"/> is its value.</returns>
    internal bool TryAdd(IpPrefix prefix, T value, out T existing)
    {
        (int Bytes, int Length) key = (prefix.Address.Length, (int)prefix.Length);
        if (!_byLength.TryGetValue(key, out Dictionary<UInt128, (IpPrefix Prefix, T Value)>? prefixes))
        {
            prefixes = [];
            _byLength[key] = prefixes;
        }

        UInt128 address = ToNumber(prefix.Address.Span);
        if (prefixes.TryGetValue(address, out (IpPrefix Prefix, T Value) entry))
        {
            existing = entry.Value;
            return false;
        }

        prefixes[address] = (prefix, value);
        existing = value;
        return true;
    }

    /// <summary>
    /// Finds a prefix that covers an address; with a smaller length, one that covers the whole prefix of that length.
    /// </summary>
    /// <param name="address">4 or 16 bytes.</param>
    /// <param name="lengthMax">Only prefixes of at most this length.</param>
    /// <param name="prefix">The prefix found.</param>
    /// <param name="value">Its value.</param>
    internal bool TryFind(ReadOnlySpan<byte> address, int lengthMax, out IpPrefix? prefix, out T? value)
    {
        UInt128 number = ToNumber(address);
        foreach (((int bytes, int length), Dictionary<UInt128, (IpPrefix Prefix, T Value)> prefixes) in _byLength)
        {
            if (bytes == address.Length
                && length <= lengthMax
                && prefixes.TryGetValue(Mask(number, length), out (IpPrefix Prefix, T Value) entry))
            {
                (prefix, value) = entry;
                return true;
            }
        }

        prefix = null;
        value = default;
        return false;
    }

    // IPv4 and IPv6 alike stand at the top bits, so that masks are the same.
    private static UInt128 ToNumber(ReadOnlySpan<byte> address)
    {
        Span<byte> whole = stackalloc byte[16];
        whole.Clear();
        address.CopyTo(whole);
        return BinaryPrimitives.ReadUInt128BigEndian(whole);
    }

    private static UInt128 Mask(UInt128 number, int length) =>
        length == 0 ? UInt128.Zero : number & (UInt128.MaxValue << (128 - length));
}

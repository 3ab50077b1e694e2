using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;

namespace EdgeMesh.Cli;

/// <summary>Prefixes, asked whether one of them covers an address.</summary>
internal sealed class AddressSet
{
    // By family and length, so that a question costs a look-up per length, however many prefixes there are.
    private readonly Dictionary<(AddressFamily Family, int Length), HashSet<IPAddress>> _byLength = [];

    /// <summary>Makes the set.</summary>
    public AddressSet(IEnumerable<IPNetwork> prefixes)
    {
        foreach (IPNetwork prefix in prefixes)
        {
            (AddressFamily, int) key = (prefix.BaseAddress.AddressFamily, prefix.PrefixLength);
            if (!_byLength.TryGetValue(key, out HashSet<IPAddress>? addresses))
            {
                _byLength[key] = addresses = [];
            }

            addresses.Add(prefix.BaseAddress);
        }
    }

    /// <summary>Has it no prefix?</summary>
    public bool IsEmpty => _byLength.Count == 0;

    /// <summary>Is an address in one of the prefixes?</summary>
    public bool Covers(IPAddress address) => _byLength.Any(entry =>
        entry.Key.Family == address.AddressFamily
        && entry.Value.Contains(Network(address, entry.Key.Length).BaseAddress));

    /// <summary>The network of an address.</summary>
    /// <param name="address">The address.</param>
    /// <param name="length">Bits of the prefix, at most those of the address.</param>
    public static IPNetwork Network(IPAddress address, int length)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out int count);
        for (int bit = length; bit < count * 8; bit++)
        {
            bytes[bit / 8] &= (byte)(0xFF ^ (0x80 >> (bit % 8)));
        }

        return new IPNetwork(new IPAddress(bytes[..count]), length);
    }

    /// <summary>Have two prefixes an address in common?</summary>
    public static bool Overlap(IPNetwork one, IPNetwork other) =>
        one.BaseAddress.AddressFamily == other.BaseAddress.AddressFamily
        && (one.Contains(other.BaseAddress) || other.Contains(one.BaseAddress));
}

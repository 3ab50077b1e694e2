using System;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>IPv6 routes, compiled for lookup; immutable.</summary>
/// <remarks>
/// A trie with a root of 16 bits and steps of 8 bits; runs of bits without a choice are skipped (decision record 0005),
/// first of all those before the root: a mesh's prefixes mostly begin alike.
/// <code>
///   line    8 bits at a place that word 11 gives; word 10 says where the runs' entries are, up to 4 of them in
///           words 12..15 of the line itself
///   skip    32 bytes: words 0..3 a prefix, word 4 the entry of addresses inside it, word 5 the hop of those outside
///           (lower half) and the prefix's length (upper half)
/// </code></remarks>
public sealed class RoutingTable6
{
    internal const uint LineKind = 1;
    internal const uint SkipKind = 2;
    internal const int RootBits = 16;
    internal const int RootWords = 1 << RootBits;
    internal const int BaseWord = TrieWords.HeadWords;
    internal const int PlaceWord = BaseWord + 1;
    internal const int InlineEntriesMax = TrieWords.LineWords - PlaceWord - 1;
    internal const int SkipWords = 8;
    internal const int SkipInsideWord = 4;
    internal const int SkipOutsideWord = 5;

    /// <summary>Last place where the root's bits are left.</summary>
    internal const int RootPlaceMax = Prefix6.LengthMax - RootBits;

    /// <summary>Last place where 8 bits are left.</summary>
    internal const int PlaceMax = Prefix6.LengthMax - 8;

    private readonly uint[] _words;
    private readonly int _origin;
    private readonly Prefix6 _root;   // of the addresses under the root
    private readonly ushort _outside; // hop of all others

    internal RoutingTable6(uint[] words, int origin, Prefix6 root, ushort outside, int count)
    {
        _words = words;
        _origin = origin;
        _root = root;
        _outside = outside;
        Count = count;
    }

    /// <summary>A table without routes.</summary>
    public static RoutingTable6 Empty { get; } = Compile([]);

    /// <summary>Routes that went in.</summary>
    public int Count { get; }

    /// <summary>Bytes that the table occupies.</summary>
    public long MemoryBytes => (long)_words.Length * sizeof(uint);

    /// <summary>Compiles routes in any order; prefixes may overlap, the longest wins.</summary>
    /// <param name="routes">The same route twice is one route.</param>
    /// <exception cref="ArgumentException">One prefix has two next hops; see <see cref="RouteCompiler"/>.</exception>
    public static RoutingTable6 Compile(ReadOnlySpan<Route6> routes) => RoutingTable6Compiler.Compile(routes);

    /// <summary>Finds the next hop of the longest prefix that covers <paramref name="address"/>.</summary>
    /// <param name="address">Destination address, host byte order.</param>
    /// <returns>The hop, or <see cref="NextHop.None"/> if no prefix covers the address.</returns>
    /// <remarks>
    /// At most 14 lines and as many skips, usually 2 to 4 nodes. No allocation, never throws.
    /// Safe from every thread: the table is immutable.
    /// </remarks>
    public NextHop Lookup(UInt128 address)
    {
        if (!_root.Covers(address))
        {
            return NextHop.FromValue(_outside);
        }

        ReadOnlySpan<uint> words = _words.AsSpan(_origin);
        ulong high = (ulong)(address >> 64);
        ulong low = (ulong)(address & ulong.MaxValue);
        uint entry = words[(int)(uint)((address >> (RootPlaceMax - _root.Length)) & (RootWords - 1))];

        // Invariant: the address is under the entry's node; each node's place is after its parent's.
        while (true)
        {
            int node = (int)(entry & TrieWords.ValueMask);
            switch (entry >> TrieWords.KindShift)
            {
                case TrieWords.LeafKind:
                    return NextHop.FromValue((ushort)(entry & ushort.MaxValue));
                case LineKind:
                    int slot = SlotAt(high, low, (int)words[node + PlaceWord]);
                    entry = words[(int)words[node + BaseWord] + TrieWords.RunOf(words, node, slot)];
                    break;
                default:
                    entry = Skip(words.Slice(node, SkipWords), high, low);
                    break;
            }
        }
    }

    /// <summary>The 8 bits of an address from a place on.</summary>
    private static int SlotAt(ulong high, ulong low, int place)
    {
        ulong bits = place switch
        {
            <= 56 => high >> (56 - place),
            >= 64 => low >> (PlaceMax - place),
            _ => (high << (place - 56)) | (low >> (PlaceMax - place)),
        };
        return (int)(bits & 0xFF);
    }

    private static uint Skip(ReadOnlySpan<uint> skip, ulong high, ulong low)
    {
        uint outside = skip[SkipOutsideWord];
        int length = (int)(outside >> 16);
        ulong highDifference = high ^ (((ulong)skip[0] << 32) | skip[1]);
        ulong lowDifference = low ^ (((ulong)skip[2] << 32) | skip[3]);
        bool isInside = length <= 64
            ? highDifference >> (64 - length) == 0
            : highDifference == 0 && lowDifference >> (Prefix6.LengthMax - length) == 0;
        return isInside ? skip[SkipInsideWord] : outside & ushort.MaxValue;
    }
}

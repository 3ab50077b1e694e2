using System;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>IPv4 routes, compiled for lookup; immutable.</summary>
/// <remarks>
/// A trie of 16, 8 and 8 bits (decision record 0005). The root has one word per 16 bits of address: where a line
/// begins. That holds even if all 65536 addresses have one hop; such share a line per hop. A branch there could not be
/// predicted, and while it waits for memory, no other lookup could begin. Below the root:
/// <code>
///   line       8 bits, up to 256 runs. Middle level: word 10 says where the runs' entries are, up to 5 of them in
///              words 11..15 of the line itself. Lowest level: up to 12 runs, hops (16 bits) in words 10..15
///   few        lowest level, up to 5 runs in 16 bytes: four bytes (begins of runs 1..4), five hops
///   direct     lowest level, more than 12 runs: 256 hops
/// </code>
/// So the worst lookup reads root, line, entry, and a line or few or direct: four cache lines.
/// </remarks>
public sealed class RoutingTable4
{
    internal const uint LineKind = 1;
    internal const uint FewKind = 2;
    internal const uint DirectKind = 3;
    internal const int RootWords = 1 << 16;
    internal const int BaseWord = TrieWords.HeadWords;
    internal const int InlineEntriesMax = TrieWords.LineWords - BaseWord - 1;
    internal const int LineHopsMax = (TrieWords.LineWords - TrieWords.HeadWords) * 2;
    internal const int FewHopsMax = 5;
    internal const int FewWords = 4;
    internal const int FewHopsOffset = 3; // in units of a hop: after the four begins, and two bytes unused
    internal const int DirectWords = TrieWords.Slots / 2;

    private readonly uint[] _words;
    private readonly int _origin;

    internal RoutingTable4(uint[] words, int origin, int count)
    {
        _words = words;
        _origin = origin;
        Count = count;
    }

    /// <summary>A table without routes.</summary>
    public static RoutingTable4 Empty { get; } = Compile([]);

    /// <summary>Routes that went in.</summary>
    public int Count { get; }

    /// <summary>Bytes that the table occupies.</summary>
    public long MemoryBytes => (long)_words.Length * sizeof(uint);

    /// <summary>Compiles routes in any order; prefixes may overlap, the longest wins.</summary>
    /// <param name="routes">The same route twice is one route.</param>
    /// <exception cref="ArgumentException">One prefix has two next hops; see <see cref="RouteCompiler"/>.</exception>
    public static RoutingTable4 Compile(ReadOnlySpan<Route4> routes) => RoutingTable4Compiler.Compile(routes);

    /// <summary>Finds the next hop of the longest prefix that covers <paramref name="address"/>.</summary>
    /// <param name="address">Destination address, host byte order.</param>
    /// <returns>The hop, or <see cref="NextHop.None"/> if no prefix covers the address.</returns>
    /// <remarks>
    /// Longest-prefix match as of RFC 1812 §5.2.4.3. At most 4 cache lines, no allocation, never throws.
    /// Safe from every thread: the table is immutable.
    /// </remarks>
    public NextHop Lookup(uint address)
    {
        ReadOnlySpan<uint> words = _words.AsSpan(_origin);
        int line = (int)words[(int)(address >> 16)];
        int run = TrieWords.RunOf(words, line, (int)((address >> 8) & 0xFF));
        uint entry = words[(int)words[line + BaseWord] + run];
        return entry >> TrieWords.KindShift == TrieWords.LeafKind
            ? NextHop.FromValue((ushort)(entry & ushort.MaxValue))
            : LookupLowest(words, entry, (int)(address & 0xFF));
    }

    private static NextHop LookupLowest(ReadOnlySpan<uint> words, uint entry, int slot)
    {
        int node = (int)(entry & TrieWords.ValueMask);
        return (entry >> TrieWords.KindShift) switch
        {
            FewKind => FewHop(words, node, slot),
            LineKind => HopAt(words, node + TrieWords.HeadWords, TrieWords.RunOf(words, node, slot)),
            _ => HopAt(words, node, slot),
        };
    }

    private static NextHop FewHop(ReadOnlySpan<uint> words, int node, int slot)
    {
        // Unused begins are 255 and unused hops repeat the last, so counting one too many does no harm.
        uint begins = words[node];
        int run = (slot >= (int)(begins & 0xFF) ? 1 : 0)
            + (slot >= (int)((begins >> 8) & 0xFF) ? 1 : 0)
            + (slot >= (int)((begins >> 16) & 0xFF) ? 1 : 0)
            + (slot >= (int)(begins >> 24) ? 1 : 0);
        return HopAt(words, node, FewHopsOffset + run);
    }

    // Two hops share a word, the even one in the lower half.
    private static NextHop HopAt(ReadOnlySpan<uint> words, int start, int index) =>
        NextHop.FromValue((ushort)((words[start + (index >> 1)] >> ((index & 1) * 16)) & ushort.MaxValue));
}

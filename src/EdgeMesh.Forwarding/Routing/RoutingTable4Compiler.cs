using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>Makes the nodes of a <see cref="RoutingTable4"/>; its remarks draw them.</summary>
/// <remarks>Walks the address ranges once, upwards; a slot is one step of a level.</remarks>
internal ref struct RoutingTable4Compiler
{
    private readonly TrieWords _trie;
    private readonly ReadOnlySpan<uint> _starts;
    private readonly ReadOnlySpan<ushort> _hops;
    private readonly Dictionary<ushort, int> _sharedLines; // of a hop that has all addresses of a root's word
    private int _range; // the range that covers where the walk is

    private RoutingTable4Compiler(AddressRanges<uint> ranges)
    {
        _trie = new TrieWords(RoutingTable4.RootWords);
        _starts = ranges.Starts;
        _hops = ranges.Hops;
        _sharedLines = [];
    }

    public static RoutingTable4 Compile(ReadOnlySpan<Route4> routes)
    {
        var keys = new RouteKey<uint>[routes.Length];
        for (int i = 0; i < routes.Length; i++)
        {
            Prefix4 prefix = routes[i].Prefix;
            keys[i] = new RouteKey<uint>(prefix.Address, prefix.Length, routes[i].NextHop.Value);
        }

        var compiler = new RoutingTable4Compiler(AddressRanges<uint>.Compile(keys));
        compiler.AddRoot();
        uint[] words = compiler._trie.Finish(out int origin);
        return new RoutingTable4(words, origin, routes.Length);
    }

    private void AddRoot()
    {
        for (uint slot = 0; slot < RoutingTable4.RootWords; slot++)
        {
            uint first = slot << 16;
            uint last = first | 0xFFFF;
            MoveTo(first);
            int line = IsOneRange(last) ? SharedLine() : AddMiddle(first);
            _trie.Span[(int)slot] = (uint)line;
        }
    }

    private readonly int SharedLine()
    {
        ref int line = ref CollectionsMarshal.GetValueRefOrAddDefault(_sharedLines, _hops[_range], out bool isThere);
        if (!isThere)
        {
            line = AddMiddleLine([0], [Leaf()]);
        }

        return line;
    }

    private int AddMiddle(uint address)
    {
        Span<byte> begins = stackalloc byte[TrieWords.Slots];
        Span<uint> entries = stackalloc uint[TrieWords.Slots];
        int runs = 0;
        int slot = 0;
        while (slot < TrieWords.Slots)
        {
            uint first = address | ((uint)slot << 8);
            uint last = first | 0xFF;
            MoveTo(first);
            begins[runs] = (byte)slot;
            bool isLeaf = IsOneRange(last);
            entries[runs] = isLeaf ? Leaf() : AddLowest(first);
            runs++;
            slot = isLeaf ? SlotBehindRange(address) : slot + 1;
        }

        return AddMiddleLine(begins[..runs], entries[..runs]);
    }

    private readonly int AddMiddleLine(ReadOnlySpan<byte> begins, ReadOnlySpan<uint> entries)
    {
        int line = _trie.AddAligned(TrieWords.LineWords);
        int at = entries.Length <= RoutingTable4.InlineEntriesMax
            ? line + RoutingTable4.BaseWord + 1
            : _trie.AddSmall(entries.Length, alignment: 1);
        _trie.WriteRuns(line, begins);
        _trie.Span[line + RoutingTable4.BaseWord] = (uint)at;
        entries.CopyTo(_trie.Span[at..]);
        return line;
    }

    // The slot of a middle node where the next range begins.
    private readonly int SlotBehindRange(uint address)
    {
        if (_range + 1 == _starts.Length)
        {
            return TrieWords.Slots;
        }

        uint next = _starts[_range + 1];
        return (next ^ address) > 0xFFFF ? TrieWords.Slots : (int)((next >> 8) & 0xFF);
    }

    private uint AddLowest(uint address)
    {
        Span<byte> begins = stackalloc byte[TrieWords.Slots];
        Span<ushort> hops = stackalloc ushort[TrieWords.Slots];
        uint last = address | 0xFF;
        begins[0] = 0;
        hops[0] = _hops[_range];
        int runs = 1;
        while (_range + 1 < _starts.Length && _starts[_range + 1] <= last)
        {
            _range++;
            begins[runs] = (byte)(_starts[_range] & 0xFF);
            hops[runs] = _hops[_range];
            runs++;
        }

        Debug.Assert(runs > 1);
        if (runs <= RoutingTable4.FewHopsMax)
        {
            return AddFew(begins[..runs], hops[..runs]);
        }

        return runs <= RoutingTable4.LineHopsMax
            ? AddLine(begins[..runs], hops[..runs])
            : AddDirect(begins[..runs], hops[..runs]);
    }

    private readonly uint AddFew(ReadOnlySpan<byte> begins, ReadOnlySpan<ushort> hops)
    {
        int node = _trie.AddSmall(RoutingTable4.FewWords, RoutingTable4.FewWords);
        uint packed = 0;
        for (int run = 0; run < RoutingTable4.FewHopsMax; run++)
        {
            if (run > 0)
            {
                uint begin = run < begins.Length ? begins[run] : byte.MaxValue;
                packed |= begin << ((run - 1) * 8);
            }

            WriteHop(node, RoutingTable4.FewHopsOffset + run, hops[Math.Min(run, hops.Length - 1)]);
        }

        _trie.Span[node] = packed;
        return TrieWords.Entry(RoutingTable4.FewKind, node);
    }

    private readonly uint AddLine(ReadOnlySpan<byte> begins, ReadOnlySpan<ushort> hops)
    {
        int line = _trie.AddAligned(TrieWords.LineWords);
        _trie.WriteRuns(line, begins);
        for (int run = 0; run < hops.Length; run++)
        {
            WriteHop(line + TrieWords.HeadWords, run, hops[run]);
        }

        return TrieWords.Entry(RoutingTable4.LineKind, line);
    }

    private readonly uint AddDirect(ReadOnlySpan<byte> begins, ReadOnlySpan<ushort> hops)
    {
        int node = _trie.AddAligned(RoutingTable4.DirectWords);
        int run = 0;
        for (int slot = 0; slot < TrieWords.Slots; slot++)
        {
            if (run + 1 < begins.Length && begins[run + 1] == slot)
            {
                run++;
            }

            WriteHop(node, slot, hops[run]);
        }

        return TrieWords.Entry(RoutingTable4.DirectKind, node);
    }

    private readonly void WriteHop(int start, int index, ushort hop)
    {
        ref uint word = ref _trie.Span[start + (index >> 1)];
        int shift = (index & 1) * 16;
        word = (word & ~((uint)ushort.MaxValue << shift)) | ((uint)hop << shift);
    }

    private void MoveTo(uint address)
    {
        while (_range + 1 < _starts.Length && _starts[_range + 1] <= address)
        {
            _range++;
        }
    }

    private readonly bool IsOneRange(uint last) => _range + 1 == _starts.Length || _starts[_range + 1] > last;

    private readonly uint Leaf() => TrieWords.Entry(TrieWords.LeafKind, _hops[_range]);
}

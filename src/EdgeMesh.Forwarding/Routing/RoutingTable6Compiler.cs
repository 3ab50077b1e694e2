using System;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>Makes the nodes of a <see cref="RoutingTable6"/>; its remarks draw them.</summary>
/// <remarks>
/// Recursive over the ranges under a node, at most two deep per 8 bits of address. A span of ranges is given by its
/// first and last index, both included; the first may begin before the node's addresses and the last end after them.
/// </remarks>
internal ref struct RoutingTable6Compiler
{
    private readonly TrieWords _trie;
    private readonly ReadOnlySpan<UInt128> _starts;
    private readonly ReadOnlySpan<ushort> _hops;

    private RoutingTable6Compiler(AddressRanges<UInt128> ranges)
    {
        _trie = new TrieWords(RoutingTable6.RootWords);
        _starts = ranges.Starts;
        _hops = ranges.Hops;
    }

    public static RoutingTable6 Compile(ReadOnlySpan<Route6> routes)
    {
        var keys = new RouteKey<UInt128>[routes.Length];
        for (int i = 0; i < routes.Length; i++)
        {
            Prefix6 prefix = routes[i].Prefix;
            keys[i] = new RouteKey<UInt128>(prefix.Address, prefix.Length, routes[i].NextHop.Value);
        }

        var compiler = new RoutingTable6Compiler(AddressRanges<UInt128>.Compile(keys));
        SkipPlan root = compiler.PlanRoot();
        compiler.AddRoot(root.Block);
        uint[] words = compiler._trie.Finish(out int origin);
        return new RoutingTable6(words, origin, root.Block, root.Outside, routes.Length);
    }

    private readonly SkipPlan PlanRoot()
    {
        if (_starts.Length == 1)
        {
            return new SkipPlan(default, 0, 0, _hops[0]);
        }

        SkipPlan plan = Narrowest(default, 0, _starts.Length - 1);
        int length = Math.Min((int)plan.Block.Length, RoutingTable6.RootPlaceMax);
        return plan with { Block = Prefix6.Covering(plan.Block.Address, length) };
    }

    private readonly void AddRoot(Prefix6 block)
    {
        int first = 0;
        int length = block.Length + RoutingTable6.RootBits;
        for (uint slot = 0; slot < RoutingTable6.RootWords; slot++)
        {
            UInt128 start = block.Address | ((UInt128)slot << (Prefix6.LengthMax - length));
            first = MoveTo(start, first);
            int last = MoveTo(LastOf(start, length), first);
            uint entry = AddNode(new Prefix6(start, length), first, last);
            _trie.Span[(int)slot] = entry;
            first = last;
        }
    }

    private readonly uint AddNode(Prefix6 block, int first, int last)
    {
        if (first == last)
        {
            return Leaf(_hops[first]);
        }

        SkipPlan plan = Narrowest(block, first, last);
        bool isExact = plan.First == plan.Last && IsWhole(plan);
        return isExact || plan.Block.Length >= block.Length + 8 ? AddSkip(plan, isExact) : AddLine(block, first, last);
    }

    // The smallest block that holds all ranges but those of one hop at the edges.
    private readonly SkipPlan Narrowest(Prefix6 block, int first, int last)
    {
        ushort firstHop = _hops[first];
        ushort lastHop = _hops[last];
        if (firstHop == lastHop)
        {
            return Plan(block, first + 1, last - 1, firstHop);
        }

        SkipPlan low = Plan(block, first, last - 1, lastHop);
        SkipPlan high = Plan(block, first + 1, last, firstHop);
        return low.Block.Length >= high.Block.Length ? low : high;
    }

    private readonly SkipPlan Plan(Prefix6 block, int first, int last, ushort outside)
    {
        UInt128 start = UInt128.Max(_starts[first], block.Address);
        UInt128 end = UInt128.Min(EndOf(last), block.LastAddress);
        int shared = (int)UInt128.LeadingZeroCount(start ^ end);
        return new SkipPlan(Prefix6.Covering(start, shared), first, last, outside);
    }

    private readonly bool IsWhole(SkipPlan plan) =>
        _starts[plan.First] <= plan.Block.Address && EndOf(plan.Last) >= plan.Block.LastAddress;

    private readonly uint AddSkip(SkipPlan plan, bool isExact)
    {
        UInt128 address = plan.Block.Address;
        uint inside;
        if (isExact)
        {
            inside = Leaf(_hops[plan.First]);
        }
        else
        {
            // The block may reach into the ranges at the edges.
            int first = _starts[plan.First] > address ? plan.First - 1 : plan.First;
            int last = EndOf(plan.Last) < plan.Block.LastAddress ? plan.Last + 1 : plan.Last;
            inside = AddNode(plan.Block, first, last);
        }

        int node = _trie.AddSmall(RoutingTable6.SkipWords, RoutingTable6.SkipWords);
        Span<uint> skip = _trie.Span.Slice(node, RoutingTable6.SkipWords);
        for (int word = 0; word < 4; word++)
        {
            skip[word] = (uint)((address >> (96 - (32 * word))) & uint.MaxValue);
        }

        skip[RoutingTable6.SkipInsideWord] = inside;
        skip[RoutingTable6.SkipOutsideWord] = ((uint)plan.Block.Length << 16) | plan.Outside;
        return TrieWords.Entry(RoutingTable6.SkipKind, node);
    }

    private readonly uint AddLine(Prefix6 block, int first, int last)
    {
        Span<byte> begins = stackalloc byte[TrieWords.Slots];
        Span<uint> entries = stackalloc uint[TrieWords.Slots];
        int place = Math.Min((int)block.Length, RoutingTable6.PlaceMax);
        UInt128 address = Prefix6.Covering(block.Address, place).Address;
        int runs = 0;
        int range = first;
        int slot = 0;
        while (slot < TrieWords.Slots)
        {
            UInt128 start = address | ((UInt128)(uint)slot << (RoutingTable6.PlaceMax - place));
            range = MoveTo(start, range, last);
            int rangeLast = MoveTo(LastOf(start, place + 8), range, last);
            begins[runs] = (byte)slot;
            if (range == rangeLast)
            {
                entries[runs] = Leaf(_hops[range]);
                slot = range == last ? TrieWords.Slots : SlotOf(_starts[range + 1], place);
            }
            else
            {
                entries[runs] = AddNode(new Prefix6(start, place + 8), range, rangeLast);
                slot++;
            }

            runs++;
            range = rangeLast;
        }

        int line = _trie.AddAligned(TrieWords.LineWords);
        int at = runs <= RoutingTable6.InlineEntriesMax
            ? line + RoutingTable6.PlaceWord + 1
            : _trie.AddSmall(runs, alignment: 1);
        _trie.WriteRuns(line, begins[..runs]);
        _trie.Span[line + RoutingTable6.BaseWord] = (uint)at;
        _trie.Span[line + RoutingTable6.PlaceWord] = (uint)place;
        entries[..runs].CopyTo(_trie.Span[at..]);
        return TrieWords.Entry(RoutingTable6.LineKind, line);
    }

    private static int SlotOf(UInt128 address, int place) =>
        (int)(uint)((address >> (RoutingTable6.PlaceMax - place)) & 0xFF);

    private static UInt128 LastOf(UInt128 start, int length) =>
        length == Prefix6.LengthMax ? start : start | (UInt128.MaxValue >> length);

    private readonly UInt128 EndOf(int range) =>
        range + 1 == _starts.Length ? UInt128.MaxValue : _starts[range + 1] - UInt128.One;

    private readonly int MoveTo(UInt128 address, int range) => MoveTo(address, range, _starts.Length - 1);

    private readonly int MoveTo(UInt128 address, int range, int last)
    {
        while (range < last && _starts[range + 1] <= address)
        {
            range++;
        }

        return range;
    }

    private static uint Leaf(ushort hop) => TrieWords.Entry(TrieWords.LeafKind, hop);

    private readonly record struct SkipPlan(Prefix6 Block, int First, int Last, ushort Outside);
}

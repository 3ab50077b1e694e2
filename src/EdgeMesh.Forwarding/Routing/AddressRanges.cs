using System;
using System.Numerics;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>
/// The whole address space cut into ranges of one next hop each: what longest-prefix match comes down to.
/// </summary>
/// <remarks>
/// Range i goes from <c>Starts[i]</c> to the address before <c>Starts[i + 1]</c>, the last one to the end of the space.
/// <c>Starts[0]</c> is zero, starts ascend, neighbours have different hops.
/// </remarks>
internal sealed class AddressRanges<TAddress>
    where TAddress : unmanaged, IBinaryInteger<TAddress>, IMinMaxValue<TAddress>
{
    private readonly TAddress[] _starts;
    private readonly ushort[] _hops;
    private int _count;

    private AddressRanges(int capacity)
    {
        _starts = new TAddress[capacity];
        _hops = new ushort[capacity];
    }

    public int Count => _count;

    public ReadOnlySpan<TAddress> Starts => _starts.AsSpan(0, _count);

    public ReadOnlySpan<ushort> Hops => _hops.AsSpan(0, _count);

    /// <summary>Sweeps the sorted routes with a stack of those that are open at the sweep's place.</summary>
    /// <param name="routes">Sorted here, in place.</param>
    /// <exception cref="ArgumentException">One prefix has two next hops.</exception>
    public static AddressRanges<TAddress> Compile(Span<RouteKey<TAddress>> routes)
    {
        routes.Sort();
        int bits = TAddress.Zero.GetByteCount() * 8;
        var ranges = new AddressRanges<TAddress>((2 * routes.Length) + 1);
        ranges.Append(TAddress.Zero, NextHop.None.Value);

        // Open routes nest, each strictly longer than the one below, so the stack holds one per length at most.
        Span<Open> open = new Open[bits + 1];
        int depth = 0;
        for (int i = 0; i < routes.Length; i++)
        {
            RouteKey<TAddress> route = routes[i];
            if (i > 0 && routes[i - 1].IsSamePrefix(route))
            {
                if (routes[i - 1].Hop != route.Hop)
                {
                    throw new ArgumentException("one prefix has two next hops", nameof(routes));
                }

                continue;
            }

            depth = ranges.CloseBefore(route.Start, open, depth);
            ranges.Append(route.Start, route.Hop);
            open[depth] = new Open(LastOf(route, bits), route.Hop);
            depth++;
        }

        ranges.CloseAll(open, depth);
        return ranges;
    }

    private static TAddress LastOf(RouteKey<TAddress> route, int bits) =>
        route.Length == bits ? route.Start : route.Start | (TAddress.MaxValue >>> route.Length);

    private int CloseBefore(TAddress start, ReadOnlySpan<Open> open, int depth)
    {
        while (depth > 0 && open[depth - 1].Last < start)
        {
            depth--;
            Append(open[depth].Last + TAddress.One, depth > 0 ? open[depth - 1].Hop : NextHop.None.Value);
        }

        return depth;
    }

    private void CloseAll(ReadOnlySpan<Open> open, int depth)
    {
        while (depth > 0)
        {
            depth--;
            if (open[depth].Last == TAddress.MaxValue)
            {
                return; // those below end there too
            }

            Append(open[depth].Last + TAddress.One, depth > 0 ? open[depth - 1].Hop : NextHop.None.Value);
        }
    }

    // A range that begins where the last one did replaces it; one with the last one's hop prolongs it.
    private void Append(TAddress start, ushort hop)
    {
        if (_count > 0 && _starts[_count - 1] == start)
        {
            _count--;
        }

        if (_count > 0 && _hops[_count - 1] == hop)
        {
            return;
        }

        _starts[_count] = start;
        _hops[_count] = hop;
        _count++;
    }

    private readonly record struct Open(TAddress Last, ushort Hop);
}

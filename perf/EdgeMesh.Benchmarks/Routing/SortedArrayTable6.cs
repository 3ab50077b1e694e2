using System;
using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Baseline: the address space cut into ranges of one hop, found by binary search.</summary>
public sealed class SortedArrayTable6
{
    private readonly UInt128[] _starts;
    private readonly NextHop[] _hops;

    /// <summary>Makes the ranges of a compiled table.</summary>
    internal SortedArrayTable6(Route6[] routes, RoutingTable6 table)
    {
        var bounds = new SortedSet<UInt128> { UInt128.Zero };
        foreach (Route6 route in routes)
        {
            bounds.Add(route.Prefix.Address);
            if (route.Prefix.LastAddress != UInt128.MaxValue)
            {
                bounds.Add(route.Prefix.LastAddress + 1);
            }
        }

        var starts = new List<UInt128>();
        var hops = new List<NextHop>();
        foreach (UInt128 start in bounds)
        {
            NextHop hop = table.Lookup(start);
            if (hops.Count == 0 || hops[^1] != hop)
            {
                starts.Add(start);
                hops.Add(hop);
            }
        }

        _starts = [.. starts];
        _hops = [.. hops];
    }

    /// <summary>Bytes of both arrays.</summary>
    public long MemoryBytes => (_starts.Length * 16L) + (_hops.Length * (long)sizeof(ushort));

    /// <summary>Finds the next hop.</summary>
    public NextHop Lookup(UInt128 address)
    {
        int index = _starts.AsSpan().BinarySearch(address);
        return _hops[index >= 0 ? index : ~index - 1];
    }
}

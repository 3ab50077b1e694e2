using System;
using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Baseline: the address space cut into ranges of one hop, found by binary search.</summary>
public sealed class SortedArrayTable4
{
    private readonly uint[] _starts;
    private readonly NextHop[] _hops;

    /// <summary>Makes the ranges of a compiled table.</summary>
    internal SortedArrayTable4(Route4[] routes, RoutingTable4 table)
    {
        var bounds = new SortedSet<uint> { 0 };
        foreach (Route4 route in routes)
        {
            bounds.Add(route.Prefix.Address);
            if (route.Prefix.LastAddress != uint.MaxValue)
            {
                bounds.Add(route.Prefix.LastAddress + 1);
            }
        }

        var starts = new List<uint>();
        var hops = new List<NextHop>();
        foreach (uint start in bounds)
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
    public long MemoryBytes => (_starts.Length * (long)sizeof(uint)) + (_hops.Length * (long)sizeof(ushort));

    /// <summary>Finds the next hop.</summary>
    public NextHop Lookup(uint address)
    {
        int index = _starts.AsSpan().BinarySearch(address);
        return _hops[index >= 0 ? index : ~index - 1];
    }
}

using System;
using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Baseline: one hash table per prefix length, asked from the longest to the shortest.</summary>
public sealed class DictionaryTable6
{
    private readonly List<(UInt128 Mask, Dictionary<UInt128, NextHop> Hops)> _lengths = [];

    internal DictionaryTable6(Route6[] routes)
    {
        var byLength = new Dictionary<UInt128, NextHop>?[Prefix6.LengthMax + 1];
        foreach (Route6 route in routes)
        {
            (byLength[route.Prefix.Length] ??= []).Add(route.Prefix.Address, route.NextHop);
        }

        for (int length = Prefix6.LengthMax; length >= 0; length--)
        {
            if (byLength[length] is { } hops)
            {
                _lengths.Add((length == 0 ? 0 : UInt128.MaxValue << (Prefix6.LengthMax - length), hops));
            }
        }
    }

    /// <summary>Finds the next hop.</summary>
    public NextHop Lookup(UInt128 address)
    {
        foreach ((UInt128 mask, Dictionary<UInt128, NextHop> hops) in _lengths)
        {
            if (hops.TryGetValue(address & mask, out NextHop hop))
            {
                return hop;
            }
        }

        return NextHop.None;
    }
}

using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Baseline: one hash table per prefix length, asked from the longest to the shortest.</summary>
public sealed class DictionaryTable4
{
    private readonly List<(uint Mask, Dictionary<uint, NextHop> Hops)> _lengths = [];

    internal DictionaryTable4(Route4[] routes)
    {
        var byLength = new Dictionary<uint, NextHop>?[Prefix4.LengthMax + 1];
        foreach (Route4 route in routes)
        {
            (byLength[route.Prefix.Length] ??= []).Add(route.Prefix.Address, route.NextHop);
        }

        for (int length = Prefix4.LengthMax; length >= 0; length--)
        {
            if (byLength[length] is { } hops)
            {
                _lengths.Add((length == 0 ? 0 : uint.MaxValue << (Prefix4.LengthMax - length), hops));
            }
        }
    }

    /// <summary>Finds the next hop.</summary>
    public NextHop Lookup(uint address)
    {
        foreach ((uint mask, Dictionary<uint, NextHop> hops) in _lengths)
        {
            if (hops.TryGetValue(address & mask, out NextHop hop))
            {
                return hop;
            }
        }

        return NextHop.None;
    }
}

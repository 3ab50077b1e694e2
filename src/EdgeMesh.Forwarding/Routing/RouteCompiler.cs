using System;
using System.Collections.Generic;
using System.Runtime.InteropServices;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>Makes tables from what the nodes serve, and refuses what is ambiguous.</summary>
/// <remarks>
/// A prefix that two nodes claim goes to neither: it becomes a hole (<see cref="NextHop.None"/>), so that its packets
/// don't slip to the owner of a shorter prefix either. Nested prefixes of different nodes are no conflict, the longest
/// wins. Not on the packet path; allocates.
/// </remarks>
public static class RouteCompiler
{
    /// <summary>Compiles both tables.</summary>
    /// <param name="nodes">Each node once; a node may list a prefix twice.</param>
    public static RouteCompilation Compile(IReadOnlyList<NodeRoutes> nodes)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        var conflicts = new List<RouteConflict>();
        Dictionary<Prefix4, int> owners4 = Claim(nodes, static node => node.Prefixes4, conflicts);
        Dictionary<Prefix6, int> owners6 = Claim(nodes, static node => node.Prefixes6, conflicts);

        var routes4 = new Route4[owners4.Count];
        int count = 0;
        foreach ((Prefix4 prefix, int owner) in owners4)
        {
            routes4[count++] = new Route4(prefix, HopOf(nodes, owner));
        }

        var routes6 = new Route6[owners6.Count];
        count = 0;
        foreach ((Prefix6 prefix, int owner) in owners6)
        {
            routes6[count++] = new Route6(prefix, HopOf(nodes, owner));
        }

        var tables = new RoutingTables(RoutingTable4.Compile(routes4), RoutingTable6.Compile(routes6));
        return new RouteCompilation(tables, conflicts);
    }

    // A contested prefix is kept as the bitwise complement of its first owner's index.
    private static NextHop HopOf(IReadOnlyList<NodeRoutes> nodes, int owner) =>
        owner < 0 ? NextHop.None : nodes[owner].NextHop;

    private static Dictionary<TPrefix, int> Claim<TPrefix>(
        IReadOnlyList<NodeRoutes> nodes,
        Func<NodeRoutes, IReadOnlyList<TPrefix>> prefixesOf,
        List<RouteConflict> conflicts)
        where TPrefix : struct
    {
        var owners = new Dictionary<TPrefix, int>();
        for (int index = 0; index < nodes.Count; index++)
        {
            IReadOnlyList<TPrefix> prefixes = prefixesOf(nodes[index]);
            for (int i = 0; i < prefixes.Count; i++)
            {
                ref int owner = ref CollectionsMarshal.GetValueRefOrAddDefault(owners, prefixes[i], out bool isClaimed);
                if (!isClaimed)
                {
                    owner = index;
                }
                else
                {
                    int first = owner < 0 ? ~owner : owner;
                    if (first != index)
                    {
                        conflicts.Add(new RouteConflict($"{prefixes[i]}", nodes[first].Node, nodes[index].Node));
                        owner = ~first;
                    }
                }
            }
        }

        return owners;
    }
}

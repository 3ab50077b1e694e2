using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding.Routing;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Routing;

public sealed class RoutingTable4Tests
{
    // Few distinct bits, so that prefixes nest, touch and repeat; every length.
    private static readonly Gen<Route4> DenseRoute = Gen.Select(
        Gen.UInt, Gen.Int[0, 32], Gen.Int[0, 5], Gen.UInt[0, 3], (address, length, hop, site) =>
            new Route4(Prefix4.Covering((address & 0x8003_0707) | (site << 24), length), Hop(hop)));

    private static readonly Gen<Route4> SparseRoute = Gen.Select(
        Gen.UInt, Gen.Int[0, 32], Gen.Int[0, 300], (address, length, hop) =>
            new Route4(Prefix4.Covering(address, length), Hop(hop)));

    // One /16 full of long prefixes: reaches every kind of node.
    private static readonly Gen<Route4> CrowdedRoute = Gen.Select(
        Gen.UInt[0, 0x3FF], Gen.Int[22, 32], Gen.Int[0, 300], (address, length, hop) =>
            new Route4(Prefix4.Covering(0x0AF4_0000 | address, length), Hop(hop)));

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_dense_routes() => CheckAgainstScan(DenseRoute.Array[0, 200]);

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_sparse_routes() => CheckAgainstScan(SparseRoute.Array[0, 200]);

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_crowded_routes() => CheckAgainstScan(CrowdedRoute.Array[0, 400]);

    [Fact]
    public void Every_address_of_a_crowded_site_agrees_with_a_linear_scan() =>
        CrowdedRoute.Array[0, 300].Sample(
            routes =>
            {
                routes = Distinct(routes);
                RoutingTable4 table = RoutingTable4.Compile(routes);
                for (uint address = 0x0AF3_FFF0; address < 0x0AF4_0410; address++)
                {
                    Assert.Equal(Scan(routes, address), table.Lookup(address));
                }
            },
            iter: 20);

    [Fact]
    public void Empty_table_knows_nothing()
    {
        Assert.True(RoutingTable4.Empty.Lookup(0).IsNone);
        Assert.True(RoutingTable4.Empty.Lookup(uint.MaxValue).IsNone);
    }

    [Fact]
    public void Default_route_covers_everything_and_longer_ones_win()
    {
        RoutingTable4 table = RoutingTable4.Compile(
        [
            new Route4(new Prefix4(0, 0), NextHop.Peer(0)),
            new Route4(new Prefix4(uint.MaxValue, 32), NextHop.Peer(1)),
            new Route4(new Prefix4(0, 32), NextHop.Local),
            new Route4(new Prefix4(0x0A00_0000, 8), NextHop.None),
            new Route4(new Prefix4(0x0A01_0000, 16), NextHop.Peer(2)),
        ]);
        Assert.Equal(NextHop.Local, table.Lookup(0));
        Assert.Equal(NextHop.Peer(0), table.Lookup(1));
        Assert.Equal(NextHop.Peer(0), table.Lookup(uint.MaxValue - 1));
        Assert.Equal(NextHop.Peer(1), table.Lookup(uint.MaxValue));
        Assert.Equal(NextHop.None, table.Lookup(0x0A00_0001));
        Assert.Equal(NextHop.Peer(2), table.Lookup(0x0A01_FFFF));
    }

    [Fact]
    public void Two_hops_for_one_prefix_are_refused()
    {
        var prefix = new Prefix4(0x0A00_0000, 8);
        Assert.Throws<ArgumentException>(() =>
            RoutingTable4.Compile([new Route4(prefix, NextHop.Peer(0)), new Route4(prefix, NextHop.Peer(1))]));
        Assert.Equal(NextHop.Local, RoutingTable4.Compile(
            [new Route4(prefix, NextHop.Local), new Route4(prefix, NextHop.Local)]).Lookup(0x0A00_0001));
    }

    [Fact]
    public void Lookup_allocates_nothing()
    {
        RoutingTable4 table = RoutingTable4.Compile([new Route4(new Prefix4(0x0A00_0000, 9), NextHop.Peer(3))]);
        int found = 0;
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            found = 0;
            for (uint i = 0; i < 10_000; i++)
            {
                found += table.Lookup(i << 16).IsPeer ? 1 : 0;
            }
        }));
        Assert.Equal(128, found);
    }

    [Theory] // design section 4: 100 000 prefixes
    [InlineData("internet", 8)]
    [InlineData("blocks", 8)]
    [InlineData("hosts", 8)]
    [InlineData("six hosts in each of as many networks", 16)] // the worst that the format knows
    public void Hundred_thousand_prefixes_stay_small(string kind, int mebibytes)
    {
        var random = new Random(1);
        var routes = new Dictionary<Prefix4, Route4>();
        for (uint i = 0; routes.Count < 100_000; i++)
        {
            uint address = (uint)random.NextInt64(1L << 32);
            Prefix4 prefix = kind switch
            {
                "internet" => Prefix4.Covering(address, 24 - (random.Next(3) * random.Next(6))),
                "blocks" => Prefix4.Covering(0x0A00_0000 | (address & 0xFF_FFFF), 24 + random.Next(5)),
                "hosts" => new Prefix4(address, 32),
                _ => new Prefix4(unchecked((i / 6 * 0x0001_0000) + (i / 6 / 0x1_0000 * 0x100) + (i % 6 * 2) + 1), 32),
            };
            routes.TryAdd(prefix, new Route4(prefix, NextHop.Peer(random.Next(500))));
        }

        RoutingTable4 table = RoutingTable4.Compile([.. routes.Values]);
        Assert.Equal(100_000, table.Count);
        Assert.InRange(table.MemoryBytes, 1, (long)mebibytes << 20);
        Assert.All(routes.Values.Take(1000), route => Assert.True(table.Lookup(route.Prefix.Address).IsPeer));
    }

    internal static NextHop Hop(int value) => value switch
    {
        0 => NextHop.None,
        1 => NextHop.Local,
        _ => NextHop.Peer(value - 2),
    };

    private static void CheckAgainstScan(Gen<Route4[]> routesOf) =>
        Gen.Select(routesOf, Gen.UInt.Array[50], Gen.Int[0, 1000].Array[50]).Sample(
            (routes, addresses, picks) =>
            {
                routes = Distinct(routes);
                RoutingTable4 table = RoutingTable4.Compile(routes);
                foreach (uint address in addresses.Concat(Edges(routes, picks)))
                {
                    Assert.Equal(Scan(routes, address), table.Lookup(address));
                }
            },
            iter: 120);

    // First and last addresses of prefixes, and their neighbours: where mistakes are.
    private static IEnumerable<uint> Edges(Route4[] routes, int[] picks)
    {
        foreach (int pick in routes.Length == 0 ? [] : picks)
        {
            Prefix4 prefix = routes[pick % routes.Length].Prefix;
            yield return prefix.Address;
            yield return unchecked(prefix.Address - 1);
            yield return prefix.LastAddress;
            yield return unchecked(prefix.LastAddress + 1);
            yield return prefix.Address ^ (uint)pick;
        }
    }

    private static Route4[] Distinct(Route4[] routes) => [.. routes.DistinctBy(route => route.Prefix)];

    // The definition itself: of all prefixes that cover the address, the longest.
    private static NextHop Scan(Route4[] routes, uint address)
    {
        NextHop best = NextHop.None;
        int length = -1;
        foreach (Route4 route in routes)
        {
            if (route.Prefix.Length > length && route.Prefix.Covers(address))
            {
                best = route.NextHop;
                length = route.Prefix.Length;
            }
        }

        return best;
    }
}

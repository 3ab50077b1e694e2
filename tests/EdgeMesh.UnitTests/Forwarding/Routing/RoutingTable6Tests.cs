using System;
using System.Collections.Generic;
using System.Linq;
using CsCheck;
using EdgeMesh.Forwarding.Routing;
using Xunit;

namespace EdgeMesh.UnitTests.Forwarding.Routing;

public sealed class RoutingTable6Tests
{
    private static readonly Gen<UInt128> Address =
        Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new UInt128(high, low));

    // Addresses of few distinct bits, so that prefixes nest, touch and repeat; every length.
    private static readonly Gen<Route6> DenseRoute = Gen.Select(
        Address, Gen.Int[0, 128], Gen.Int[0, 5], (address, length, hop) => new Route6(
            Prefix6.Covering(address & new UInt128(0x8000_0000_8100_0003, 0x0180_0000_0000_0007), length),
            RoutingTable4Tests.Hop(hop)));

    private static readonly Gen<Route6> SparseRoute = Gen.Select(
        Address, Gen.Int[0, 128], Gen.Int[0, 300], (address, length, hop) =>
            new Route6(Prefix6.Covering(address, length), RoutingTable4Tests.Hop(hop)));

    // Pods of a few sites, as IPAMs hand them out: /48 to /128 below one ULA prefix.
    private static readonly Gen<Route6> PodRoute = Gen.Select(
        Gen.ULong[0, 0x3FF], Gen.ULong[0, 0x1FF], Gen.Int[44, 128], Gen.Int[0, 300], (site, pod, length, hop) =>
            new Route6(
                Prefix6.Covering(new UInt128(0xFD00_0010_0244_0000 | site, pod), length), RoutingTable4Tests.Hop(hop)));

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_dense_routes() => CheckAgainstScan(DenseRoute.Array[0, 200]);

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_sparse_routes() => CheckAgainstScan(SparseRoute.Array[0, 200]);

    [Fact]
    public void Lookup_agrees_with_a_linear_scan_over_pod_routes() => CheckAgainstScan(PodRoute.Array[0, 400]);

    [Fact]
    public void Empty_table_knows_nothing()
    {
        Assert.True(RoutingTable6.Empty.Lookup(UInt128.Zero).IsNone);
        Assert.True(RoutingTable6.Empty.Lookup(UInt128.MaxValue).IsNone);
    }

    [Fact]
    public void Default_route_covers_everything_and_longer_ones_win()
    {
        RoutingTable6 table = RoutingTable6.Compile(
        [
            new Route6(new Prefix6(UInt128.Zero, 0), NextHop.Peer(0)),
            new Route6(new Prefix6(UInt128.MaxValue, 128), NextHop.Peer(1)),
            new Route6(new Prefix6(UInt128.Zero, 128), NextHop.Local),
            new Route6(new Prefix6(UInt128.One << 127, 1), NextHop.Peer(2)),
        ]);
        Assert.Equal(NextHop.Local, table.Lookup(UInt128.Zero));
        Assert.Equal(NextHop.Peer(0), table.Lookup(UInt128.One));
        Assert.Equal(NextHop.Peer(0), table.Lookup(UInt128.MaxValue >> 1));
        Assert.Equal(NextHop.Peer(2), table.Lookup(UInt128.One << 127));
        Assert.Equal(NextHop.Peer(2), table.Lookup(UInt128.MaxValue - 1));
        Assert.Equal(NextHop.Peer(1), table.Lookup(UInt128.MaxValue));
    }

    [Fact]
    public void Lookup_allocates_nothing()
    {
        RoutingTable6 table = RoutingTable6.Compile([new Route6(new Prefix6(UInt128.One << 120, 64), NextHop.Peer(3))]);
        Assert.Equal(0, AllocatedBytes.InEachRun(() =>
        {
            for (int i = 0; i < 10_000; i++)
            {
                table.Lookup(new UInt128((ulong)i << 50, 1));
            }
        }));
    }

    [Theory] // design section 4: 100 000 prefixes
    [InlineData("internet", 8)]
    [InlineData("blocks", 8)]
    [InlineData("hosts", 16)]
    public void Hundred_thousand_prefixes_stay_small(string kind, int mebibytes)
    {
        var random = new Random(1);
        var routes = new Dictionary<Prefix6, Route6>();
        while (routes.Count < 100_000)
        {
            var address = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
            Prefix6 prefix = kind switch
            {
                "internet" => Prefix6.Covering((UInt128.One << 125) | (address >> 3), 48 - (random.Next(3) * 8)),
                "blocks" => Prefix6.Covering(new UInt128(0xFD00_0010_0000_0000, 0) | ((address >> 102) << 64), 64),
                _ => new Prefix6(address, 128),
            };
            routes.TryAdd(prefix, new Route6(prefix, NextHop.Peer(random.Next(500))));
        }

        RoutingTable6 table = RoutingTable6.Compile([.. routes.Values]);
        Assert.InRange(table.MemoryBytes, 1, (long)mebibytes << 20);
        Assert.All(routes.Values.Take(1000), route => Assert.True(table.Lookup(route.Prefix.LastAddress).IsPeer));
    }

    private static void CheckAgainstScan(Gen<Route6[]> routesOf) =>
        Gen.Select(routesOf, Address.Array[20], Gen.Int[0, 1000].Array[50]).Sample(
            (routes, addresses, picks) =>
            {
                routes = [.. routes.DistinctBy(route => route.Prefix)];
                RoutingTable6 table = RoutingTable6.Compile(routes);
                foreach (UInt128 address in addresses.Concat(Edges(routes, picks)))
                {
                    Assert.Equal(Scan(routes, address), table.Lookup(address));
                }
            },
            iter: 100);

    private static IEnumerable<UInt128> Edges(Route6[] routes, int[] picks)
    {
        foreach (int pick in routes.Length == 0 ? [] : picks)
        {
            Prefix6 prefix = routes[pick % routes.Length].Prefix;
            yield return prefix.Address;
            yield return unchecked(prefix.Address - UInt128.One);
            yield return prefix.LastAddress;
            yield return unchecked(prefix.LastAddress + UInt128.One);
            yield return prefix.Address ^ (UInt128.One << (pick % 128));
        }
    }

    private static NextHop Scan(Route6[] routes, UInt128 address)
    {
        NextHop best = NextHop.None;
        int length = -1;
        foreach (Route6 route in routes)
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

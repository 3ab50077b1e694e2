using System;
using BenchmarkDotNet.Attributes;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>IPv6 lookups, one address as the unit, beside a sorted array and a dictionary per length.</summary>
[MemoryDiagnoser]
public class RoutingTable6Benchmark
{
    private const int Addresses = 1 << 20;
    private const int HotAddresses = 256;

    private RoutingTable6 _table = RoutingTable6.Empty;
    private SortedArrayTable6 _sorted = new([], RoutingTable6.Empty);
    private DictionaryTable6 _dictionaries = new([]);
    private Route6[] _routes = [];
    private UInt128[] _random = [];

    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Prefixes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _routes = RouteSamples.Routes6(RouteKind.Internet, Prefixes);
        _table = RoutingTable6.Compile(_routes);
        _sorted = new SortedArrayTable6(_routes, _table);
        _dictionaries = new DictionaryTable6(_routes);
        _random = RouteSamples.Addresses6(_routes, Addresses);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Addresses)]
    public int Lookup_random()
    {
        int found = 0;
        foreach (UInt128 address in _random)
        {
            found += _table.Lookup(address).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int Lookup_hot()
    {
        int found = 0;
        for (int i = 0; i < Addresses; i++)
        {
            found += _table.Lookup(_random[i & (HotAddresses - 1)]).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int Sorted_array_random()
    {
        int found = 0;
        foreach (UInt128 address in _random)
        {
            found += _sorted.Lookup(address).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int Dictionary_random()
    {
        int found = 0;
        foreach (UInt128 address in _random)
        {
            found += _dictionaries.Lookup(address).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark]
    public RoutingTable6 Compile() => RoutingTable6.Compile(_routes);
}

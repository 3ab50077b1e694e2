using BenchmarkDotNet.Attributes;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>IPv4 lookups, one address as the unit, beside a sorted array and a dictionary per length.</summary>
[MemoryDiagnoser]
public class RoutingTable4Benchmark
{
    private const int Addresses = 1 << 20;
    private const int HotAddresses = 256;

    private RoutingTable4 _table = RoutingTable4.Empty;
    private SortedArrayTable4 _sorted = new([], RoutingTable4.Empty);
    private DictionaryTable4 _dictionaries = new([]);
    private Route4[] _routes = [];
    private uint[] _random = [];

    [Params(1_000, 10_000, 100_000, 1_000_000)]
    public int Prefixes { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _routes = RouteSamples.Routes4(RouteKind.Internet, Prefixes);
        _table = RoutingTable4.Compile(_routes);
        _sorted = new SortedArrayTable4(_routes, _table);
        _dictionaries = new DictionaryTable4(_routes);
        _random = RouteSamples.Addresses4(_routes, Addresses);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Addresses)]
    public int Lookup_random()
    {
        int found = 0;
        foreach (uint address in _random)
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
        foreach (uint address in _random)
        {
            found += _sorted.Lookup(address).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark(OperationsPerInvoke = Addresses)]
    public int Dictionary_random()
    {
        int found = 0;
        foreach (uint address in _random)
        {
            found += _dictionaries.Lookup(address).IsPeer ? 1 : 0;
        }

        return found;
    }

    [Benchmark]
    public RoutingTable4 Compile() => RoutingTable4.Compile(_routes);
}

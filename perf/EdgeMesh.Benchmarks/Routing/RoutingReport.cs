using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.IO;
using System.Linq;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>The routing tables' figures in half a minute: sizes, speeds, memory, beside the baselines.</summary>
/// <remarks>
/// Coarser than BenchmarkDotNet. Runs on machines that do other things too: addresses are looked up in chunks short
/// enough to fit between two interruptions, and the first quartile of the chunks' times counts. All structures take
/// turns.
/// </remarks>
internal static class RoutingReport
{
    private const int Addresses = 1 << 20;
    private const int HotAddresses = 256;
    private const int ChunkAddresses = 1 << 14;
    private const int Passes = 4;

    /// <summary>Looks up a chunk.</summary>
    /// <param name="from">Its first address.</param>
    /// <param name="mask">Of the addresses' indices: all, or the hot ones only.</param>
    private delegate int Chunk(int from, int mask);

    public static IReadOnlyList<int> DefaultCounts { get; } = [1_000, 10_000, 100_000, 1_000_000];

    /// <summary>Measures and prints.</summary>
    /// <param name="output">Where the table goes.</param>
    /// <param name="counts">Prefixes in the tables.</param>
    public static void Run(TextWriter output, IReadOnlyList<int> counts)
    {
        output.WriteLine($"lookups in millions per second, {Passes} passes over {Addresses} addresses;");
        output.WriteLine("any: any address; random: one inside a random route; hot: 256 of these again and again;");
        output.WriteLine("chain: random, each address depends on the hop before it");
        output.WriteLine();
        output.WriteLine(
            "| routes | prefixes | compile ms | MiB | B/prefix | any | random | hot | chain "
            + "| sorted array | dictionaries |");
        output.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|");
        foreach (RouteKind kind in Enum.GetValues<RouteKind>())
        {
            foreach (int count in counts)
            {
                Report4(output, kind, count);
            }
        }

        foreach (RouteKind kind in Enum.GetValues<RouteKind>())
        {
            foreach (int count in counts)
            {
                Report6(output, kind, count);
            }
        }
    }

    private static void Report4(TextWriter output, RouteKind kind, int count)
    {
        Route4[] routes = RouteSamples.Routes4(kind, count);
        double compile = CompileMilliseconds(() => RoutingTable4.Compile(routes));
        RoutingTable4 table = RoutingTable4.Compile(routes);
        var sorted = new SortedArrayTable4(routes, table);
        var dictionaries = new DictionaryTable4(routes);
        uint[] any = RouteSamples.Addresses4([new Route4(new Prefix4(0, 0), NextHop.None)], Addresses);
        uint[] addresses = RouteSamples.Addresses4(routes, Addresses);
        foreach (uint address in addresses.AsSpan(0, 20_000))
        {
            NextHop hop = table.Lookup(address);
            if (hop != sorted.Lookup(address) || hop != dictionaries.Lookup(address))
            {
                throw new InvalidOperationException("the tables don't agree");
            }
        }

        double[] speeds = Measure(
            (from, mask) => Over(any, from, mask, table),
            (from, mask) => Over(addresses, from, mask, table),
            (from, _) => Chain(addresses, from, table),
            (from, mask) => Over(addresses, from, mask, sorted),
            (from, mask) => Over(addresses, from, mask, dictionaries));
        Write(output, $"IPv4 {kind}", count, compile, table.MemoryBytes, sorted.MemoryBytes, speeds);
    }

    private static void Report6(TextWriter output, RouteKind kind, int count)
    {
        Route6[] routes = RouteSamples.Routes6(kind, count);
        double compile = CompileMilliseconds(() => RoutingTable6.Compile(routes));
        RoutingTable6 table = RoutingTable6.Compile(routes);
        var sorted = new SortedArrayTable6(routes, table);
        var dictionaries = new DictionaryTable6(routes);
        UInt128[] any = RouteSamples.Addresses6([new Route6(new Prefix6(UInt128.Zero, 0), NextHop.None)], Addresses);
        UInt128[] addresses = RouteSamples.Addresses6(routes, Addresses);
        foreach (UInt128 address in addresses.AsSpan(0, 20_000))
        {
            NextHop hop = table.Lookup(address);
            if (hop != sorted.Lookup(address) || hop != dictionaries.Lookup(address))
            {
                throw new InvalidOperationException("the tables don't agree");
            }
        }

        double[] speeds = Measure(
            (from, mask) => Over(any, from, mask, table),
            (from, mask) => Over(addresses, from, mask, table),
            (from, _) => Chain(addresses, from, table),
            (from, mask) => Over(addresses, from, mask, sorted),
            (from, mask) => Over(addresses, from, mask, dictionaries));
        Write(output, $"IPv6 {kind}", count, compile, table.MemoryBytes, sorted.MemoryBytes, speeds);
    }

    private static void Write(
        TextWriter output, string name, int count, double compile, long bytes, long sortedBytes, double[] speeds) =>
        output.WriteLine(
            $"| {name} | {count} | {compile:F1} | {bytes / 1048576.0:F2} | {bytes / (double)count:F0} | {speeds[0]:F0} "
            + $"| {speeds[1]:F0} | {speeds[2]:F0} | {speeds[3]:F0} | {speeds[4]:F1} ({sortedBytes / 1048576.0:F2} MiB) "
            + $"| {speeds[5]:F1} |");

    private static double CompileMilliseconds(Action compile) => Median(5, () =>
    {
        long start = Stopwatch.GetTimestamp();
        compile();
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    });

    // Table any, table random, table hot, chain, sorted array, dictionaries: in turns, so that noise hits all alike.
    private static double[] Measure(Chunk any, Chunk table, Chunk chain, Chunk sorted, Chunk dictionaries)
    {
        (Chunk Chunk, int Mask)[] subjects =
        [
            (any, Addresses - 1),
            (table, Addresses - 1),
            (table, HotAddresses - 1),
            (chain, 0),
            (sorted, Addresses - 1),
            (dictionaries, Addresses - 1),
        ];
        List<double>[] micros = [[], [], [], [], [], []];
        for (int pass = -1; pass < Passes; pass++)
        {
            for (int subject = 0; subject < subjects.Length; subject++)
            {
                for (int from = 0; from < Addresses; from += ChunkAddresses)
                {
                    long start = Stopwatch.GetTimestamp();
                    GC.KeepAlive(subjects[subject].Chunk(from, subjects[subject].Mask));
                    double elapsed = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                    if (pass >= 0)
                    {
                        micros[subject].Add(elapsed);
                    }
                }
            }
        }

        return [.. micros.Select(times => ChunkAddresses / times.Order().ElementAt(times.Count / 4))];
    }

    private static double Median(int passes, Func<double> measure) =>
        Enumerable.Range(0, passes).Select(_ => measure()).Order().ElementAt(passes / 2);

    private static int Over(uint[] addresses, int from, int mask, RoutingTable4 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    private static int Over(uint[] addresses, int from, int mask, SortedArrayTable4 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    private static int Over(uint[] addresses, int from, int mask, DictionaryTable4 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    private static int Over(UInt128[] addresses, int from, int mask, RoutingTable6 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    private static int Over(UInt128[] addresses, int from, int mask, SortedArrayTable6 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    private static int Over(UInt128[] addresses, int from, int mask, DictionaryTable6 table)
    {
        int sum = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            sum += table.Lookup(addresses[i & mask]).IsPeer ? 1 : 0;
        }

        return sum;
    }

    // Each address depends on the hop before it: the latency of a lookup, not its throughput.
    private static int Chain(uint[] addresses, int from, RoutingTable4 table)
    {
        int hop = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            hop = table.Lookup(addresses[(i + hop) & (Addresses - 1)]).GetHashCode();
        }

        return hop;
    }

    private static int Chain(UInt128[] addresses, int from, RoutingTable6 table)
    {
        int hop = 0;
        for (int i = from; i < from + ChunkAddresses; i++)
        {
            hop = table.Lookup(addresses[(i + hop) & (Addresses - 1)]).GetHashCode();
        }

        return hop;
    }
}

using System;
using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Benchmarks.Routing;

/// <summary>Routes and addresses to look up; the same each time.</summary>
internal static class RouteSamples
{
    /// <summary>Peers that routes point to: as many as a large mesh has.</summary>
    private const int Peers = 500;

    // Lengths of the Internet's routes, in percent (CIDR report's proportions, rounded).
    private static readonly (int Length, int Percent)[] InternetLengths4 =
    [
        (24, 58), (23, 10), (22, 11), (21, 5), (20, 4), (19, 3), (18, 2), (17, 1), (16, 2), (12, 1),
        (28, 1), (30, 1), (32, 1),
    ];

    private static readonly (int Length, int Percent)[] InternetLengths6 =
    [
        (48, 46), (32, 17), (44, 11), (40, 8), (36, 5), (56, 4), (64, 6), (128, 3),
    ];

    /// <summary>IPv4 routes of one kind.</summary>
    public static Route4[] Routes4(RouteKind kind, int count)
    {
        var random = new Random(4);
        var routes = new Dictionary<Prefix4, Route4>();
        while (routes.Count < count)
        {
            uint address = (uint)random.NextInt64(1L << 32);
            int length = kind switch
            {
                RouteKind.Internet => PickLength(InternetLengths4, random),
                RouteKind.Pods => 24 + random.Next(5), // blocks of a node's IPAM: /24 to /28
                _ => 32,
            };
            if (kind == RouteKind.Pods)
            {
                address = 0x0A00_0000 | (address & 0x00FF_FFFF); // 10.0.0.0/8
            }

            Prefix4 prefix = Prefix4.Covering(address, length);
            routes.TryAdd(prefix, new Route4(prefix, NextHop.Peer(random.Next(Peers))));
        }

        return [.. routes.Values];
    }

    /// <summary>IPv6 routes of one kind.</summary>
    public static Route6[] Routes6(RouteKind kind, int count)
    {
        var random = new Random(6);
        var routes = new Dictionary<Prefix6, Route6>();
        while (routes.Count < count)
        {
            ulong high = (ulong)random.NextInt64();
            ulong low = (ulong)random.NextInt64();
            (ulong top, int length) = kind switch
            {
                RouteKind.Internet => (0x2000_0000_0000_0000 | (high >> 3), PickLength(InternetLengths6, random)),
                RouteKind.Pods => (0xFD00_0010_0000_0000 | (high & 0x3FF_FFFF), 64 + random.Next(2)),
                _ => (0xFD00_0000_0000_0000 | (high >> 8), 128),
            };
            Prefix6 prefix = Prefix6.Covering(new UInt128(top, low), length);
            routes.TryAdd(prefix, new Route6(prefix, NextHop.Peer(random.Next(Peers))));
        }

        return [.. routes.Values];
    }

    /// <summary>
    /// Addresses inside routes picked at random: harder than any address, most of which hit no route.
    /// </summary>
    public static uint[] Addresses4(Route4[] routes, int count)
    {
        var random = new Random(44);
        uint[] addresses = new uint[count];
        for (int i = 0; i < count; i++)
        {
            Prefix4 prefix = routes[random.Next(routes.Length)].Prefix;
            addresses[i] = prefix.Address | ((uint)random.NextInt64(1L << 32) & (prefix.LastAddress ^ prefix.Address));
        }

        return addresses;
    }

    /// <summary>Addresses inside routes picked at random.</summary>
    public static UInt128[] Addresses6(Route6[] routes, int count)
    {
        var random = new Random(66);
        var addresses = new UInt128[count];
        for (int i = 0; i < count; i++)
        {
            Prefix6 prefix = routes[random.Next(routes.Length)].Prefix;
            var host = new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64());
            addresses[i] = prefix.Address | (host & (prefix.LastAddress ^ prefix.Address));
        }

        return addresses;
    }

    private static int PickLength((int Length, int Percent)[] lengths, Random random)
    {
        int pick = random.Next(100);
        foreach ((int length, int percent) in lengths)
        {
            pick -= percent;
            if (pick < 0)
            {
                return length;
            }
        }

        return lengths[0].Length;
    }
}

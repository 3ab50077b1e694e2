using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.FuzzTargets;

/// <summary>Routing tables against the definition of longest-prefix match.</summary>
public static class RoutingTarget
{
    private const int RouteBytes = 20; // 16 of address, 2 of length, 1 of hop, 1 unused
    private const int RoutesMax = 64;

    /// <summary>Compiles routes and looks up their first and last addresses.</summary>
    /// <param name="bytes">Routes, <see cref="RouteBytes"/> each.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var routes4 = new Dictionary<Prefix4, NextHop>();
        var routes6 = new Dictionary<Prefix6, NextHop>();
        for (int count = 0; bytes.Length >= RouteBytes && count < RoutesMax; count++)
        {
            UInt128 address = BinaryPrimitives.ReadUInt128BigEndian(bytes);
            int length = BinaryPrimitives.ReadUInt16BigEndian(bytes[16..]);
            NextHop hop = bytes[18] == 0 ? NextHop.None : NextHop.Peer(bytes[18]);
            routes4.TryAdd(Prefix4.Covering((uint)(address >> 96), length % 33), hop);
            routes6.TryAdd(Prefix6.Covering(address, length % 129), hop);
            bytes = bytes[RouteBytes..];
        }

        Check4(routes4);
        Check6(routes6);
    }

    private static void Check4(Dictionary<Prefix4, NextHop> routes)
    {
        var list = new List<Route4>();
        foreach ((Prefix4 prefix, NextHop hop) in routes)
        {
            list.Add(new Route4(prefix, hop));
        }

        RoutingTable4 table = RoutingTable4.Compile(list.ToArray());
        foreach (Route4 route in list)
        {
            foreach (uint address in (uint[])[route.Prefix.Address, route.Prefix.LastAddress])
            {
                NextHop expected = NextHop.None;
                for (int length = Prefix4.LengthMax; length >= 0; length--)
                {
                    if (routes.TryGetValue(Prefix4.Covering(address, length), out expected))
                    {
                        break;
                    }
                }

                Invariant.Holds(table.Lookup(address) == expected, "IPv4 lookup is the longest prefix");
            }
        }
    }

    private static void Check6(Dictionary<Prefix6, NextHop> routes)
    {
        var list = new List<Route6>();
        foreach ((Prefix6 prefix, NextHop hop) in routes)
        {
            list.Add(new Route6(prefix, hop));
        }

        RoutingTable6 table = RoutingTable6.Compile(list.ToArray());
        foreach (Route6 route in list)
        {
            foreach (UInt128 address in (UInt128[])[route.Prefix.Address, route.Prefix.LastAddress])
            {
                NextHop expected = NextHop.None;
                for (int length = Prefix6.LengthMax; length >= 0; length--)
                {
                    if (routes.TryGetValue(Prefix6.Covering(address, length), out expected))
                    {
                        break;
                    }
                }

                Invariant.Holds(table.Lookup(address) == expected, "IPv6 lookup is the longest prefix");
            }
        }
    }
}

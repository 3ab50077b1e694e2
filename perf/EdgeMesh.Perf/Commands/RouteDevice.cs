using System;
using System.Linq;
using System.Net;
using EdgeMesh.Native;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.Perf.Commands;

/// <summary>The device that packets to an address leave by.</summary>
internal static class RouteDevice
{
    /// <summary>Finds it in the main table; addresses of this machine are on <c>lo</c>.</summary>
    /// <returns>Its name; empty if there is no route, or the program may not look.</returns>
    public static string To(IPAddress address)
    {
        IPAddress plain = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        try
        {
            using var routes = RouteSocket.Open();
            if (IPAddress.IsLoopback(plain) || routes.Addresses().Any(own => own.Address.Equals(plain)))
            {
                return "lo";
            }

            RouteInfo? best = routes.Routes()
                .Where(route => route.Destination.BaseAddress.AddressFamily == plain.AddressFamily
                    && route.Destination.Contains(plain))
                .OrderByDescending(route => route.Destination.PrefixLength)
                .ThenBy(route => route.Priority)
                .FirstOrDefault();
            return best is null ? "" : routes.Links().FirstOrDefault(link => link.Index == best.LinkIndex)?.Name ?? "";
        }
        catch (Exception e) when (e is NativeException or NetlinkException)
        {
            return "";
        }
    }

    /// <summary>The MTU of a device; 0: not known.</summary>
    public static int MtuBytes(string device)
    {
        try
        {
            using var routes = RouteSocket.Open();
            return routes.FindLink(device)?.MtuBytes ?? 0;
        }
        catch (Exception e) when (e is NativeException or NetlinkException)
        {
            return 0;
        }
    }
}

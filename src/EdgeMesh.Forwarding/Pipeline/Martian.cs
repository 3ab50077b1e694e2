using System;

namespace EdgeMesh.Forwarding.Pipeline;

/// <summary>Addresses that never cross the mesh, as sources or as destinations (RFC 1812 §5.3.7, RFC 4291).</summary>
public static class Martian
{
    /// <summary>Unspecified or "this network", loopback, link-local, multicast, reserved, broadcast.</summary>
    /// <param name="address">Host byte order.</param>
    public static bool IsForbidden(uint address)
    {
        uint first = address >> 24;
        return first is 0 or 127 or >= 224 || address >> 16 == 0xA9FE;
    }

    /// <summary>Unspecified, loopback, link-local, multicast.</summary>
    /// <param name="address">Host byte order.</param>
    public static bool IsForbidden(UInt128 address)
    {
        ulong high = (ulong)(address >> 64);
        return high >> 56 == 0xFF
            || high >> 54 == 0xFE80 >> 6
            || address <= UInt128.One;
    }
}

using System;
using static EdgeMesh.Native.Netlink.NetlinkConstants;

namespace EdgeMesh.Native.Netlink;

/// <summary>Tells when links, addresses or routes of this network namespace change. One thread at a time.</summary>
public sealed class RouteMonitor : IDisposable
{
    // a burst of route changes; if it overflows, that too counts as a change
    private const int ReceiveBytes = 256 * 1024;

    private readonly NetlinkSocket _socket;

    private RouteMonitor(NetlinkSocket socket) => _socket = socket;

    /// <summary>Opens the monitor in the network namespace of the calling thread.</summary>
    /// <param name="wait">How long <see cref="Wait"/> waits.</param>
    /// <returns>The monitor.</returns>
    /// <exception cref="NetlinkException">There is none to be had.</exception>
    public static RouteMonitor Open(TimeSpan wait)
    {
        NetlinkSocket socket = NetlinkSocket.Open(NETLINK_ROUTE, wait);
        try
        {
            socket.SetReceiveBuffer(ReceiveBytes);
            socket.Join(RTNLGRP_LINK);
            socket.Join(RTNLGRP_IPV4_ROUTE);
            socket.Join(RTNLGRP_IPV6_ROUTE);
            socket.Join(RTNLGRP_IPV4_IFADDR);
            socket.Join(RTNLGRP_IPV6_IFADDR);
            return new RouteMonitor(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Blocks until something changes, at most as long as the monitor was opened with.</summary>
    /// <returns>True if something has changed.</returns>
    /// <exception cref="NetlinkException">The socket is broken.</exception>
    public bool Wait() => _socket.TryReceive(out _);

    /// <inheritdoc/>
    public void Dispose() => _socket.Dispose();
}

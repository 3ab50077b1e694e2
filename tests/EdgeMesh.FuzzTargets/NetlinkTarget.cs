using System;
using EdgeMesh.Native.Netlink;

namespace EdgeMesh.FuzzTargets;

/// <summary>What comes back on a netlink socket.</summary>
public static class NetlinkTarget
{
    /// <summary>Reads a datagram with every reader there is.</summary>
    /// <param name="bytes">The datagram.</param>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        var messages = new NetlinkMessages(bytes);
        while (messages.MoveNext())
        {
            RouteMessages.TryReadLink(messages.Body, out _);
            RouteMessages.TryReadAddress(messages.Body, out _);
            RouteMessages.TryReadRoute(messages.Body, out _);
            NetlinkSocket.ReadError(messages.Header.Flags, messages.Body, isDone: false);
            NetlinkSocket.ReadError(messages.Header.Flags, messages.Body, isDone: true);
            NftablesGeneration.Parse(messages.Body);
        }
    }
}

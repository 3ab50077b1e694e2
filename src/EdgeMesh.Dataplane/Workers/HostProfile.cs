using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Io;
using EdgeMesh.Io.Sockets;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Identity;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>The libp2p host of one loop: same identity everywhere, time from the loop.</summary>
internal static class HostProfile
{
    /// <summary>Makes a host for the loop's thread.</summary>
    /// <param name="identity">Who we are.</param>
    /// <param name="options">Where we listen.</param>
    /// <param name="loop">Clock and timers of its connections.</param>
    /// <param name="protocol">The tunnel stream's protocol.</param>
    /// <param name="consumerFor">Who takes a tunnel stream that a peer opens; null refuses it.</param>
    public static Host Make(
        KeyPair identity,
        DataplaneOptions options,
        EventLoop loop,
        string protocol,
        Func<Connection, InlineConsumer?> consumerFor) => new(
            identity,
            new HostOptions
            {
                ListenAddresses = [.. options.Listen.Select(Multiaddr.FromTcp)],
                Connection = new ConnectionOptions
                {
                    InlineHandlers = new Dictionary<string, Func<Connection, InlineConsumer?>>(StringComparer.Ordinal)
                    {
                        [protocol] = consumerFor,
                    },
                    Clock = static () => EventLoop.ReadNow().Nanoseconds,
                    HeardAt = static pipe => pipe is TcpConnection tcp ? tcp.HeardAt.Nanoseconds : long.MinValue,
                    Delay = (delay, cancellation) => loop.DelayAsync(delay, cancellation).AsTask(),
                },
            });
}

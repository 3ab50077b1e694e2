using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Io;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Identity;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>The libp2p host of one loop: same identity everywhere, time from the loop.</summary>
internal static class HostProfile
{
    /// <summary>Makes a host for the loop's thread.</summary>
    /// <param name="identity">Who we are.</param>
    /// <param name="options">Where we listen.</param>
    /// <param name="loop">Clock and timers of its connections.</param>
    public static Host Make(KeyPair identity, DataplaneOptions options, EventLoop loop) => new(
        identity,
        new HostOptions
        {
            ListenAddresses = [.. options.Listen.Select(Multiaddr.FromTcp)],
            Connection = new ConnectionOptions { Time = new LoopTime(loop) },
        });
}

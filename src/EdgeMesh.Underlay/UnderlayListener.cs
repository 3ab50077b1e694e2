using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;

namespace EdgeMesh.Underlay;

/// <summary>Accepts connections of one transport at one address, on one loop.</summary>
public abstract class UnderlayListener : IDisposable
{
    /// <summary>Where it listens; the port is the real one, also if 0 was asked for.</summary>
    public abstract Multiaddr LocalAddress { get; }

    /// <summary>Waits for the next connection. One at a time, on the loop's thread; cancelled on any.</summary>
    /// <exception cref="System.IO.IOException">Out of descriptors or memory: call again later.</exception>
    public abstract ValueTask<UnderlayConnection> AcceptAsync(CancellationToken cancellationToken);

    /// <summary>Stops listening, on the loop's thread.</summary>
    public abstract void Dispose();
}

using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;

namespace EdgeMesh.Underlay;

/// <summary>What makes connections of the underlay on one loop: TCP, WebSocket, a relay's circuit, or a link of the
/// simulator.</summary>
public abstract class Transport
{
    /// <summary>Whether an address is one of this transport.</summary>
    public abstract bool Handles(Multiaddr address);

    /// <summary>
    /// Replaces a name in an address by what it resolves to; an address without a name is its own answer.
    /// </summary>
    /// <param name="address">One that <see cref="Handles"/>.</param>
    /// <param name="cancellationToken">Ends the wait; may be cancelled on any thread.</param>
    /// <exception cref="System.IO.IOException">The name has no address; the message says why.</exception>
    public abstract ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(
        Multiaddr address, CancellationToken cancellationToken);

    /// <summary>Connects to an address.</summary>
    /// <param name="address">One that <see cref="Handles"/>, without a name.</param>
    /// <param name="cancellationToken">Ends the attempt; may be cancelled on any thread.</param>
    /// <exception cref="System.IO.IOException">Nobody answers there; the message says cause and remedy.</exception>
    public abstract ValueTask<UnderlayConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken);

    /// <summary>Accepts connections at an address.</summary>
    /// <exception cref="System.IO.IOException">The address can't be had; the message says cause and remedy.</exception>
    public abstract UnderlayListener Listen(Multiaddr address);
}

using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// The addresses of one dial: those without a name at once, those of names as they are resolved, all names beside each
/// other (RFC 8305 §3).
/// </summary>
/// <remarks>Runs on the links' thread only.</remarks>
internal sealed class DialTargets
{
    /// <summary>Addresses tried in one dial, at most.</summary>
    public const int AddressesMax = 16;

    private readonly Queue<(Transport Transport, Multiaddr Address)> _ready = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<Task> _resolving = [];

    /// <summary>Takes the addresses and starts to resolve names.</summary>
    /// <param name="transports">What can dial.</param>
    /// <param name="addresses">Those that no transport handles are passed over.</param>
    /// <param name="cancellation">The dial is over; must be cancelled on this thread.</param>
    public DialTargets(
        IReadOnlyList<Transport> transports, IReadOnlyList<Multiaddr> addresses, CancellationToken cancellation)
    {
        foreach (Multiaddr address in addresses.Take(AddressesMax))
        {
            if (transports.FirstOrDefault(transport => transport.Handles(address)) is not { } transport)
            {
                continue;
            }

            Task resolving = ResolveAsync(transport, address, cancellation);
            if (!resolving.IsCompleted)
            {
                _resolving.Add(resolving);
            }
        }
    }

    /// <summary>Whether an address waits to be tried.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Whether there is none and none will come.</summary>
    public bool IsOver => !HasReady && _resolving.Count == 0;

    /// <summary>Names under way.</summary>
    public IEnumerable<Task> Resolving => _resolving;

    /// <summary>Why the last name that has no address has none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Takes the next address to try.</summary>
    public bool TryTake(
        [NotNullWhen(true)] out Transport? transport, [NotNullWhen(true)] out Multiaddr? address)
    {
        bool isTaken = _ready.TryDequeue(out (Transport Transport, Multiaddr Address) next);
        (transport, address) = next;
        return isTaken;
    }

    /// <summary>Forgets names that are resolved.</summary>
    public void Settle() => _resolving.RemoveAll(task => task.IsCompleted);

    // Never fails: what went wrong is kept.
    private async Task ResolveAsync(Transport transport, Multiaddr address, CancellationToken cancellation)
    {
        try
        {
            foreach (Multiaddr resolved in await transport.ResolveAsync(address, cancellation))
            {
                if (_known.Count < AddressesMax && _known.Add(resolved.ToString()))
                {
                    _ready.Enqueue((transport, resolved));
                }
            }
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException)
        {
            Failure = exception;
        }
    }
}

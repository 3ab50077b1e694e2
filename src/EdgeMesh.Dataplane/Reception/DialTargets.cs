using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io;
using EdgeMesh.Underlay;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>
/// The endpoints of one dial: literal addresses at once, those of names as they are resolved, all names beside each
/// other (RFC 8305 §3).
/// </summary>
/// <remarks>Runs on the reception's thread only.</remarks>
internal sealed class DialTargets
{
    /// <summary>Endpoints tried in one dial, at most.</summary>
    public const int EndPointsMax = 16;

    /// <summary>Time that a name may take; the system's resolver may try for half a minute.</summary>
    public static readonly TimeSpan ResolveTimeMax = TimeSpan.FromSeconds(5);

    private readonly Queue<IPEndPoint> _ready = new();
    private readonly HashSet<IPEndPoint> _known = [];
    private readonly List<Task> _resolving = [];
    private readonly EventLoop _loop;

    /// <summary>Takes the literal addresses and starts to resolve the names.</summary>
    /// <param name="loop">Where this runs.</param>
    /// <param name="addresses">Multiaddrs; those of other transports are passed over.</param>
    /// <param name="resolveAsync">The addresses of a name.</param>
    /// <param name="cancellation">The dial is over; must be cancelled on this thread.</param>
    public DialTargets(
        EventLoop loop,
        IReadOnlyList<string> addresses,
        Func<string, CancellationToken, Task<IPAddress[]>> resolveAsync,
        CancellationToken cancellation)
    {
        _loop = loop;
        List<TcpTarget> names = [];
        foreach (string text in addresses)
        {
            if (!Multiaddr.TryParse(text, out Multiaddr? address) || !address.TryGetTcp(out TcpTarget? target))
            {
                continue;
            }

            if (target.Address is { } literal)
            {
                Add(new IPEndPoint(literal, target.Port));
            }
            else
            {
                names.Add(target);
            }
        }

        _resolving.AddRange(names.Take(EndPointsMax).Select(name => ResolveAsync(name, resolveAsync, cancellation)));
    }

    /// <summary>Whether an endpoint waits to be tried.</summary>
    public bool HasReady => _ready.Count > 0;

    /// <summary>Whether there is none and none will come.</summary>
    public bool IsOver => !HasReady && _resolving.Count == 0;

    /// <summary>Names under way.</summary>
    public IEnumerable<Task> Resolving => _resolving;

    /// <summary>Why the last name that has no address has none.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Takes the next endpoint to try.</summary>
    public bool TryTake([NotNullWhen(true)] out IPEndPoint? endPoint) => _ready.TryDequeue(out endPoint);

    /// <summary>Forgets names that are resolved.</summary>
    public void Settle() => _resolving.RemoveAll(task => task.IsCompleted);

    private void Add(IPEndPoint endPoint)
    {
        if (_known.Count < EndPointsMax && _known.Add(endPoint))
        {
            _ready.Enqueue(endPoint);
        }
    }

    // Never fails: what went wrong is kept.
    private async Task ResolveAsync(
        TcpTarget name, Func<string, CancellationToken, Task<IPAddress[]>> resolveAsync, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        LoopTimer timer = _loop.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit);
        timer.Schedule(_loop.Now + ResolveTimeMax);
        try
        {
            foreach (IPAddress address in await resolveAsync(name.Host, limit.Token).WaitAsync(limit.Token))
            {
                if (IsWanted(address, name.Family))
                {
                    Add(new IPEndPoint(address, name.Port));
                }
            }
        }
        catch (SocketException exception)
        {
            Failure = new IOException($"the name {name.Host} has no address: {exception.Message}", exception);
        }
        catch (OperationCanceledException exception)
        {
            Failure = new IOException(
                $"the name {name.Host} was not resolved within {ResolveTimeMax.TotalSeconds:0} s; see the node's "
                + "resolver, or name the address", exception);
        }
        finally
        {
            timer.Cancel();
        }
    }

    private static bool IsWanted(IPAddress address, NameFamily family) => family switch
    {
        NameFamily.V4 => address.AddressFamily == AddressFamily.InterNetwork,
        NameFamily.V6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6,
    };
}

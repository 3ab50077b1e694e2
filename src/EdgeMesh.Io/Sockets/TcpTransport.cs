using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Io.Loops;
using EdgeMesh.Underlay;

namespace EdgeMesh.Io.Sockets;

/// <summary>TCP on one loop: <c>/ip4/…/tcp/…</c>, <c>/ip6</c>, and names (<c>/dns</c>, <c>/dns4</c>, <c>/dns6</c>).
/// </summary>
/// <param name="loop">Whose connections it makes.</param>
/// <param name="resolveAsync">The addresses of a name; the system's resolver unless told otherwise.</param>
public sealed class TcpTransport(
    EventLoop loop, Func<string, CancellationToken, Task<IPAddress[]>>? resolveAsync = null) : Transport
{
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolveAsync =
        resolveAsync ?? Dns.GetHostAddressesAsync;

    /// <inheritdoc/>
    public override bool Handles(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.TryGetTcp(out _);
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Takes at most <see cref="TcpLimits.ResolveTimeMax"/> and gives at most <see cref="TcpLimits.ResolvedMax"/>
    /// addresses, in the resolver's order. A peer id stays at the end of each.
    /// </remarks>
    public override ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(
        Multiaddr address, CancellationToken cancellationToken)
    {
        TcpTarget target = TargetOf(address);
        return target.Address is null
            ? ResolveNameAsync(target, address.PeerId, cancellationToken)
            : new ValueTask<IReadOnlyList<Multiaddr>>([address]);
    }

    /// <inheritdoc/>
    public override async ValueTask<UnderlayConnection> DialAsync(
        Multiaddr address, CancellationToken cancellationToken) =>
        await TcpConnection.ConnectAsync(loop, EndPointOf(address), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="TcpException">The address can't be had.</exception>
    public override TcpListener Listen(Multiaddr address) => TcpListener.Bind(loop, EndPointOf(address));

    private static TcpTarget TargetOf(Multiaddr address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.TryGetTcp(out TcpTarget? target)
            ? target
            : throw new ArgumentException($"{address} is no address of plain TCP", nameof(address));
    }

    private static IPEndPoint EndPointOf(Multiaddr address)
    {
        TcpTarget target = TargetOf(address);
        if (target.Address is null)
        {
            throw new ArgumentException($"{address} names a host that is not resolved", nameof(address));
        }

        return address.TryGetTcpEndPoint(out IPEndPoint? endPoint)
            ? endPoint
            : throw new IOException($"{address} names its zone by a word; name it by the link's number");
    }

    private static bool IsWanted(IPAddress address, NameFamily family) => family switch
    {
        NameFamily.V4 => address.AddressFamily == AddressFamily.InterNetwork,
        NameFamily.V6 => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6,
    };

    private async ValueTask<IReadOnlyList<Multiaddr>> ResolveNameAsync(
        TcpTarget name, PeerId? peer, CancellationToken cancellation)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        LoopTimer timer = loop.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), limit);
        timer.Schedule(loop.Now + TcpLimits.ResolveTimeMax);
        try
        {
            // The system's resolver does not listen to its token while it asks.
            IPAddress[] found = await _resolveAsync(name.Host, limit.Token).WaitAsync(limit.Token);
            List<Multiaddr> addresses = [];
            foreach (IPAddress address in found)
            {
                if (IsWanted(address, name.Family) && addresses.Count < TcpLimits.ResolvedMax)
                {
                    var plain = Multiaddr.FromTcp(new IPEndPoint(address, name.Port));
                    addresses.Add(peer is null ? plain : plain.WithPeer(peer));
                }
            }

            return addresses.Count > 0 ? addresses : throw new IOException(
                $"the name {name.Host} has no address of the family asked for; look at the address, or at its "
                + "records (/dns4, /dns6)");
        }
        catch (SocketException exception)
        {
            throw new IOException(
                $"the name {name.Host} has no address: {exception.Message}; correct it, or name the address",
                exception);
        }
        catch (OperationCanceledException exception) when (!cancellation.IsCancellationRequested)
        {
            throw new IOException(
                $"the name {name.Host} was not resolved within {TcpLimits.ResolveTimeMax.TotalSeconds:0} s; see the "
                + "node's resolver, or name the address", exception);
        }
        finally
        {
            timer.Cancel();
        }
    }
}

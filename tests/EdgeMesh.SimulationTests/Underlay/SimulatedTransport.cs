using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Addresses;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>Dials and accepts between simulated hosts, on one loop of one of them.</summary>
/// <param name="loop">Where its connections live at first.</param>
/// <param name="host">The machine.</param>
public sealed class SimulatedTransport(SimulatedNodeLoop loop, SimulatedHost host) : Transport
{
    public override bool Handles(Multiaddr address) => address.TryGetTcpEndPoint(out _);

    public override ValueTask<IReadOnlyList<Multiaddr>> ResolveAsync(
        Multiaddr address, CancellationToken cancellationToken) => new([address]);

    public override ValueTask<UnderlayConnection> DialAsync(Multiaddr address, CancellationToken cancellationToken)
    {
        loop.CheckOnLoop();
        cancellationToken.ThrowIfCancellationRequested();
        if (!address.TryGetTcpEndPoint(out IPEndPoint? endPoint))
        {
            throw new IOException($"{address} is not an address of this transport");
        }

        return new SimulatedDial(loop, host, endPoint).Start(cancellationToken);
    }

    public override UnderlayListener Listen(Multiaddr address)
    {
        loop.CheckOnLoop();
        if (!address.TryGetTcpEndPoint(out IPEndPoint? endPoint))
        {
            throw new IOException($"{address} is not an address of this transport");
        }

        int port = endPoint.Port == 0 ? host.TakePort() : endPoint.Port;
        var listener = new SimulatedListener(loop, host, new IPEndPoint(host.Address, port));
        return host.TryAddListener(port, listener)
            ? listener
            : throw new IOException($"listening at {endPoint}: the port is in use (EADDRINUSE)");
    }
}

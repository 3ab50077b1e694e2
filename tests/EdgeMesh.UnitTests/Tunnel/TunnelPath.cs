using System;
using System.IO.Pipelines;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Forwarding;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Packets.Headers;
using EdgeMesh.SimulationTests.Simulation;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.UnitTests.Forwarding.Pipeline;
using EdgeMesh.UnitTests.Libp2p.Connections;
using Xunit;

namespace EdgeMesh.UnitTests.Tunnel;

/// <summary>
/// One way between two nodes, from device to device, through the loops of the tunnel and a connection in memory.
/// </summary>
internal sealed class TunnelPath
{
    private readonly SimulatedLoop _wire = new(); // the connection's; its time stands
    private readonly HandLoop _loop = new();
    private readonly TunnelEnd _near;
    private readonly TunnelEnd _far;

    public TunnelPath()
    {
        _near = InContext(null, () => new TunnelEnd(
            _loop, "a", SampleRoutes.SeenByA,
            new PeerInfo(SampleRoutes.PeerB, "b", SecuredPair.IdentityOf(2).PeerId, []), weDialed: true));
        _far = InContext(null, () => new TunnelEnd(
            _loop, "b", SampleRoutes.SeenByB,
            new PeerInfo(SampleRoutes.PeerA, "a", SecuredPair.IdentityOf(1).PeerId, []), weDialed: false));
        InContext(_wire, Connect);
    }

    public PacketLedger Near => _near.Ledger;

    public PacketLedger Far => _far.Ledger;

    /// <summary>The device where the packets come out.</summary>
    public MemoryDevice Exit => _far.Device;

    public long RentedBytes => _near.RentedBytes + _far.RentedBytes;

    /// <summary>A packet comes from the near device.</summary>
    public void Send(ReadOnlySpan<byte> bytes, OffloadHeader offload)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null); // the pump goes on in place
        _near.Device.Feed(bytes, offload);
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    /// <summary>Time passes, then everything that waits goes over.</summary>
    public void Move(TimeSpan later)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(_wire);
        _loop.Pass(later);
        bool hasMoved;
        do
        {
            hasMoved = _near.Send() | _far.Send() | _wire.RunPosted();
        }
        while (hasMoved);
        SynchronizationContext.SetSynchronizationContext(outer);
    }

    private static T InContext<T>(SynchronizationContext? context, Func<T> function)
    {
        SynchronizationContext? outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(context);
        try
        {
            return function();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private bool Connect()
    {
        ConnectionOptions options = ConnectionTests.Options(_wire) with
        {
            // The clock's ticks allocate, once a second; time stands still here.
            Yamux = new YamuxSessionOptions { KeepAliveInterval = TimeSpan.Zero },
        };
        (IDuplexPipe left, IDuplexPipe right, _, _) = LinearPipe.MakePair(_wire);
        var pair = new SecuredPair(
            left, right, options, options, rightSetup: RawConnection.SetupOf(Lane.Protocol, _far.Lane));
        _ = pair.Left.RunAsync(default);
        _ = pair.Right.RunAsync(default);
        Task<InlineStream> opening = pair.Left.OpenInlineAsync(Lane.Protocol, _near.Lane, default).AsTask();
        while (!opening.IsCompleted || !_near.Lane.TakesPackets || !_far.Lane.TakesPackets)
        {
            Assert.True(_wire.RunOnce());
            _loop.Run();
        }

        return true;
    }
}

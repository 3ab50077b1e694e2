using EdgeMesh.Addresses;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Capsules;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;

namespace EdgeMesh.UnitTests.Tunnel;

/// <summary>What a worker has for one peer, on a device in memory: the way out, a lane, the way in.</summary>
internal sealed class TunnelEnd
{
    private readonly HandLoop _loop;
    private readonly PacketPool _pool = new(8 << 20);
    private readonly SendList _sendList = new();

    /// <summary>Puts it together and begins to read the device.</summary>
    /// <param name="loop">Its loop.</param>
    /// <param name="name">Its node.</param>
    /// <param name="tables">Routes as the node sees them.</param>
    /// <param name="peer">The far node.</param>
    /// <param name="weDialed">Whether this end opens the tunnel stream.</param>
    public TunnelEnd(HandLoop loop, string name, RoutingTables tables, PeerInfo peer, bool weDialed)
    {
        _loop = loop;
        Device = new MemoryDevice(_pool);
        LaneReceiver receiver = new(Ledger, Device, _pool) { Tables = tables };
        Hello hello = new() { NodeName = name, Features = LaneReceiver.FeaturesOf(Device.Offloads) };
        Outbound? outbound = null;
        LaneParts parts = new(
            loop, _pool, Ledger, receiver, new CapsuleBatch(), _sendList, new PathReports(loop), hello)
        {
            UseChanged = lane => outbound!.HandleUseChanged(lane, lane.TakesPackets ? lane : null),
        };
        PeerTable peers = new(loop, Ledger, _pool, worker: 0);
        outbound = new Outbound(parts, Device, peers, worker: 0, flowSeed: 3);
        peers.Apply(new MeshView(1, [peer], tables, []));
        outbound.Apply(tables);
        Lane = new Lane(parts, peers.At(peer.Index)!, new PathInfo(
            1, peer, Worker: 0, LaneIndex: 0, weDialed, PathKind.Direct, Multiaddr.Parse("/ip4/127.0.0.1/tcp/1")));
        _ = outbound.PumpAsync();
    }

    public PacketLedger Ledger { get; } = new();

    public MemoryDevice Device { get; }

    public Lane Lane { get; }

    public long RentedBytes => _pool.RentedBytes;

    /// <summary>Lets the peer send what waits, as at the end of an iteration.</summary>
    /// <returns>Whether there was something to do.</returns>
    public bool Send()
    {
        bool hadWork = !_sendList.IsEmpty;
        _sendList.Run(_loop.Now);
        return hadWork;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Forwarding;
using EdgeMesh.Libp2p;
using EdgeMesh.Libp2p.Connections;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Logging;
using EdgeMesh.Packets;
using EdgeMesh.SimulationTests.Underlay;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Tunnel.Links;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Tunnel.Paths;
using EdgeMesh.Tunnel.Workers;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>The product's node at a simulated site: its links, and its workers, put together as in the dataplane's
/// process.</summary>
internal sealed class TunnelNode : ISimulatedNode
{
    private readonly NodeSite _site;
    private readonly NodeMeshView _views;
    private readonly SimulatedNodeLoop _linksLoop;
    private readonly Worker[] _workers;
    private readonly SimulatedDevice[] _devices;
    private readonly LaneChanges _changes;
    private LinkLoop? _links;
    private Task? _drained;
    private Task<IReadOnlyList<LinkReport>>? _report;

    private TunnelNode(NodeSite site)
    {
        _site = site;
        _views = new NodeMeshView(site.Index);
        Random random = new(unchecked((((site.World.Seed * 31) + site.Index) * 31) + site.Lives));
        StructuredLog log = NodeLog.Of(site.World, NodeIdentities.NameOf(site.Index));
        _linksLoop = site.Host.AddLoop("links");
        PathReports reports = new(_linksLoop);
        WorkerOptions common = new()
        {
            NodeName = NodeIdentities.NameOf(site.Index),
            Workers = site.Workers,
            Instance = (ulong)random.NextInt64() | 1,
            FlowSeed = (ulong)random.NextInt64(),
        };
        _workers = new Worker[site.Workers];
        _devices = new SimulatedDevice[site.Workers];
        for (int i = 0; i < _workers.Length; i++)
        {
            SimulatedNodeLoop loop = site.Host.AddLoop($"worker{i}");
            PacketPool pool = new(site.PoolBytes);
            _devices[i] = site.OpenDevice(loop, pool);
            Worker worker = new(i, common, loop, _devices[i], pool, MakeHost(loop), reports, log);
            loop.HasWork = () => worker.HasWork;
            _workers[i] = worker;
        }

        _changes = new LaneChanges(_workers);
        Worker.JoinAll(_workers);
        Array.ForEach(_workers, worker => worker.Start(site.World.Fail));
        _linksLoop.Post(_ => StartLinks(random, reports, log), null);
    }

    public NodeCounts Counts
    {
        get
        {
            NodeCounts counts = default;
            for (int i = 0; i < _workers.Length; i++)
            {
                counts += CountsOf(_workers[i], _devices[i]);
            }

            return counts;
        }
    }

    public string Drops => string.Join(", ", Enum.GetValues<DropReason>().Select(reason => (reason, Count:
        _workers.Sum(worker => worker.Ledger.DroppedOutByReason[(int)reason]
            + worker.Ledger.DroppedInByReason[(int)reason]))).Where(drop => drop.Count > 0));

    public long QueueBytes => _workers.Sum(worker => worker.Pool.RentedBytes);

    public long QueueBytesMax => _workers.Sum(worker => worker.Pool.BytesMax);

    public int Lanes => _workers.Length;

    public bool HasStopped => _drained is { IsCompleted: true };

    public static ISimulatedNode Start(NodeSite site) => new TunnelNode(site);

    public long PathChanges(int peer) =>
        (_views.EntriesOf(peer) * 100_000L) + _changes.Of(_views.IndexOf(peer));

    public bool IsConnected(int peer) => _views.IndexOf(peer) is >= 0 and var index
        && _workers.Any(worker => index < worker.Peers.Count && worker.Peers[index]?.Lane?.TakesPackets == true);

    public void Publish(IReadOnlyList<MeshPeer> peers)
    {
        MeshView view = _views.Make(peers);
        Array.ForEach(_workers, worker => worker.Publish(view));
        _linksLoop.Post(_ => _links!.Publish(view), null);
    }

    public void Stop() => _drained = Task.WhenAll(_workers.Select(worker => worker.DrainAsync()));

    public void Reconnect(int peer)
    {
        if (_views.IndexOf(peer) is >= 0 and var index)
        {
            _linksLoop.Post(_ => _ = ReconnectAsync(index), null);
        }
    }

    public void BeginReport() => _linksLoop.Post(_ => _report = _links!.ReportAsync(), null);

    public int ReadyPaths(int peer) => _report is { IsCompleted: true }
        ? _report.Result.FirstOrDefault(link => link.Peer.Index == _views.IndexOf(peer))?.LaneCount ?? 0
        : -1;

    private static NodeCounts CountsOf(Worker worker, SimulatedDevice device)
    {
        var ledger = worker.Ledger;
        long onTheWay = ledger.HandedOverPackets - ledger.TakenOverPackets; // in the sum of all workers
        return new NodeCounts(
            device.Read, ledger.SentPackets, ledger.DroppedOutPackets, worker.QueuePackets + onTheWay,
            ledger.ReceivedPackets, ledger.DeliveredPackets, ledger.DroppedInPackets, 0);
    }

    private Host MakeHost(SimulatedNodeLoop loop) => new(
        NodeIdentities.Of(_site.Index),
        new HostOptions
        {
            ListenAddresses = [NodeSite.ListenAddressOf(_site.Index)],
            Connection = new ConnectionOptions
            {
                Time = new LoopTime(loop),
                Yamux = new YamuxSessionOptions { TunnelWindowBytes = _site.TunnelWindowBytes },
            },
        });

    private void StartLinks(Random random, PathReports reports, StructuredLog log)
    {
        SimulatedTransport transport = new(_linksLoop, _site.Host);
        UnderlayListener listener = transport.Listen(NodeSite.ListenAddressOf(_site.Index));
        LinkOptions options = new() { PeerId = NodeIdentities.Of(_site.Index).PeerId, Random = random };
        _links = new LinkLoop(
            options,
            _linksLoop,
            [transport],
            [listener],
            MakeHost(_linksLoop),
            new LinkEvents(),
            log,
            _workers,
            reports);
        _links.Start();
    }

    private async Task ReconnectAsync(int index)
    {
        try
        {
            await _links!.ReconnectAsync(index, default);
        }
        catch (InvalidOperationException)
        {
            // it can't be reached at the moment, and the operator is told so
        }
    }
}

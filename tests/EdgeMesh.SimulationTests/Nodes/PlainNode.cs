using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Packets;
using EdgeMesh.SimulationTests.Underlay;
using EdgeMesh.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>
/// The simplest node that does its job: packets behind their lengths on one connection to each peer, without keys. The
/// simulator and its oracle are tried on it, with and without faults; it is a pattern for other nodes' adapters.
/// </summary>
/// <remarks>The links loop dials (the lower index does) and accepts, and hands connections to the one worker.</remarks>
internal sealed class PlainNode : ISimulatedNode
{
    private static readonly TimeSpan DialInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<int, PlainLane> _lanes = [];
    private readonly Dictionary<int, long> _pathChanges = [];
    private readonly Packet[] _batch = new Packet[Limits.BatchPackets];
    private readonly NodeSite _site;
    private readonly SimulatedNodeLoop _links;
    private readonly SimulatedNodeLoop _worker;
    private readonly SimulatedTransport _transport;
    private readonly SimulatedDevice _device;
    private readonly HashSet<int> _dialing = [];
    private readonly HashSet<int> _dialed = [];
    private IReadOnlyList<MeshPeer> _peers = [];
    private long _countedExhausted;

    private PlainNode(NodeSite site, PlainNodeFault fault)
    {
        _site = site;
        Fault = fault;
        Pool = new PacketPool(site.PoolBytes);
        _links = site.Host.AddLoop("links");
        _worker = site.Host.AddLoop("worker");
        _transport = new SimulatedTransport(_links, site.Host);
        _device = site.OpenDevice(_worker, Pool);
        _worker.EndOfIteration = EndIteration;
        _worker.HasWork = () => !HidesWork && _lanes.Values.Any(lane => lane.CanSend);
        _links.Post(_ => Watch(AcceptAsync()), null);
        _worker.Post(_ => Watch(PumpAsync()), null);
    }

    public PlainNodeFault Fault { get; }

    public PacketPool Pool { get; }

    public long SentToPeers { get; set; }

    public long DroppedOut { get; set; }

    public long FromPeers { get; set; }

    public long ToDevice { get; private set; }

    public long DroppedIn { get; private set; }

    public string Drops => $"{DroppedOut} out, {DroppedIn} in";

    public bool HasStopped => true;

    public int Lanes => 1;

    public long QueueBytesMax => Pool.BytesMax;

    public long QueueBytes => Pool.RentedBytes;

    public NodeCounts Counts => new(
        _device.Read, SentToPeers, DroppedOut, _lanes.Values.Sum(lane => (long)lane.QueuedPackets),
        FromPeers, ToDevice, DroppedIn, 0);

    // Such faults show by what is late, not by what the node says.
    private bool HidesWork => Fault is PlainNodeFault.WaitsForOthers or PlainNodeFault.ForgetsTails;

    public static NodeFactory Factory(PlainNodeFault fault = PlainNodeFault.None) =>
        site => new PlainNode(site, fault);

    public long PathChanges(int peer) => _pathChanges.GetValueOrDefault(peer);

    public bool IsConnected(int peer) => _lanes.ContainsKey(peer);

    public void Publish(IReadOnlyList<MeshPeer> peers) => _links.Post(
        _ =>
        {
            _peers = peers;
            foreach (MeshPeer peer in peers.Where(peer => peer.Node > _site.Index && _dialing.Add(peer.Node)))
            {
                Watch(DialAsync(peer.Node));
            }
        },
        null);

    public void Stop()
    {
        // it knows no good order
    }

    public void Reconnect(int peer)
    {
        // it has no operator
    }

    public void BeginReport()
    {
        // it is known at once
    }

    public int ReadyPaths(int peer) => _lanes.ContainsKey(peer) ? 1 : 0;

    /// <summary>A packet came over a lane.</summary>
    public void Deliver(ReadOnlySpan<byte> packet)
    {
        _device.WriteBorrowed([], packet);
        if (Fault == PlainNodeFault.DeliversTwice && FromPeers == 20)
        {
            _device.WriteBorrowed([], packet);
        }

        int refused = _device.Flush();
        DroppedIn += refused;
        ToDevice += 1 - refused;
    }

    // What goes wrong in a task of a node is a fault of the node: it must not vanish with the task.
    private void Watch(Task task) => _ = task.ContinueWith(
        failed => _site.World.Fail(failed.Exception!.InnerException!),
        default,
        TaskContinuationOptions.OnlyOnFaulted | TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    private async Task AcceptAsync()
    {
        using UnderlayListener listener = _transport.Listen(NodeSite.ListenAddressOf(_site.Index));
        while (true)
        {
            UnderlayConnection connection = await listener.AcceptAsync(default);
            Watch(WelcomeAsync(connection));
        }
    }

    private async Task WelcomeAsync(UnderlayConnection connection)
    {
        try
        {
            System.IO.Pipelines.ReadResult read = await connection.Input.ReadAsync();
            if (read.Buffer.IsEmpty)
            {
                connection.Abort(); // ended before it said who it is
                return;
            }

            int name = read.Buffer.FirstSpan[0];
            connection.Input.AdvanceTo(read.Buffer.GetPosition(1));
            HandOver(name, connection, null);
        }
        catch (IOException)
        {
            connection.Abort();
        }
    }

    private async Task DialAsync(int peer)
    {
        while (_peers.Any(known => known.Node == peer))
        {
            try
            {
                UnderlayConnection connection = await _transport.DialAsync(NodeSite.ListenAddressOf(peer), default);
                await connection.Output.WriteAsync(new byte[] { (byte)_site.Index });
                TaskCompletionSource ended = new();
                HandOver(peer, connection, ended);
                await ended.Task;
            }
            catch (IOException)
            {
                // again, after a while
            }

            if (Fault == PlainNodeFault.NeverDialsAgain && _dialed.Contains(peer))
            {
                return;
            }

            _dialed.Add(peer);
            await _links.DelayAsync(DialInterval, default);
        }
    }

    private void HandOver(int peer, UnderlayConnection connection, TaskCompletionSource? ended)
    {
        DetachedConnection detached = connection.Detach();
        _worker.Post(_ => Watch(RunLaneAsync(peer, detached.Attach(_worker), ended)), null);
    }

    private async Task RunLaneAsync(int peer, UnderlayConnection connection, TaskCompletionSource? ended)
    {
        var lane = new PlainLane(this, connection);
        if (_lanes.Remove(peer, out PlainLane? before))
        {
            before.End();
        }

        _lanes.Add(peer, lane);
        _pathChanges[peer] = _pathChanges.GetValueOrDefault(peer) + 1;
        await lane.RunAsync();
        if (_lanes.TryGetValue(peer, out PlainLane? current) && ReferenceEquals(current, lane))
        {
            _lanes.Remove(peer);
        }

        if (ended is not null)
        {
            _links.Post(_ => ended.TrySetResult(), null);
        }
    }

    private async Task PumpAsync()
    {
        while (true)
        {
            int count = await _device.ReadAsync(_batch);
            if (count < 0)
            {
                return;
            }

            DroppedOut += _device.PoolExhausted - _countedExhausted;
            _countedExhausted = _device.PoolExhausted;
            for (int i = 0; i < count; i++)
            {
                Route(_batch[i]);
            }
        }
    }

    private void Route(Packet packet)
    {
        packet = Pool.Shrink(packet);
        int to = packet.Bytes[18];
        if (Fault == PlainNodeFault.DeliversElsewhere && SentToPeers == 20)
        {
            to = _lanes.Keys.FirstOrDefault(peer => peer != to, to);
        }

        if (_lanes.TryGetValue(to, out PlainLane? lane) && HasShare(lane) && lane.TryQueue(packet))
        {
            return;
        }

        if (Fault != PlainNodeFault.LosesUntold)
        {
            DroppedOut++;
        }

        packet.Dispose();
    }

    // What a peer may hold depends on what is free: the reader, and the other peers, always have some left.
    private bool HasShare(PlainLane lane) => Fault == PlainNodeFault.SharesNothing
        || lane.QueuedBytes < (Pool.BytesMax - Pool.RentedBytes) / 4;

    private bool EndIteration()
    {
        if (Fault == PlainNodeFault.SleepsOnWork && _worker.Iterations % 5 == 0)
        {
            return false;
        }

        if (Fault == PlainNodeFault.WaitsForOthers && _lanes.Values.Any(lane => lane.IsFlushing))
        {
            return false;
        }

        foreach (PlainLane lane in _lanes.Values)
        {
            lane.Send();
        }

        return Fault != PlainNodeFault.ForgetsTails && _lanes.Values.Any(lane => lane.CanSend);
    }
}

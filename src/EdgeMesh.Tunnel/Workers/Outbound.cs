using System.Threading.Tasks;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Pipeline;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Lanes;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Workers;

/// <summary>
/// The way out of one worker: device, route, the peer's queue here or at a worker that has a lane there.
/// </summary>
/// <remarks>
/// The kernel keeps a flow on one queue of the device, so at one worker; that worker changes lanes only when a lane
/// comes or goes. So flows keep their order, and one that does not wait at a broken lane moves at once.
/// </remarks>
internal sealed class Outbound
{
    private readonly Packet[] _burst = new Packet[Limits.BatchPackets];
    private readonly IcmpUnreachable _unreachable = new();
    private readonly Forwarder _forwarder;
    private readonly LaneParts _parts;
    private readonly PacketDevice _device;
    private readonly PeerTable _peers;
    private readonly int _worker;
    private HandoverPort? _handover; // null: this worker is alone
    private RoutingTables _tables = RoutingTables.Empty;
    private long _exhaustedCounted;
    private bool _isStopping;

    /// <summary>Makes the way out of one worker.</summary>
    public Outbound(LaneParts parts, PacketDevice device, PeerTable peers, int worker, ulong flowSeed)
    {
        _parts = parts;
        _device = device;
        _peers = peers;
        _worker = worker;
        _forwarder = new Forwarder(flowSeed);
    }

    /// <summary>Joins this worker to the others.</summary>
    public void Join(HandoverPort handover) => _handover = handover;

    /// <summary>What has no lane from now on is dropped, as the process stops.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>Takes new routes into use.</summary>
    public void Apply(RoutingTables tables) => _tables = tables;

    /// <summary>Reads and routes until the device is closed.</summary>
    /// <exception cref="System.IO.IOException">The device is gone.</exception>
    public async Task PumpAsync()
    {
        while (true)
        {
            int count = await _device.ReadAsync(_burst);
            if (count < 0)
            {
                return;
            }

            Route(count);
            CountExhausted();
        }
    }

    /// <summary>Takes in what other workers handed over, and frees what came back.</summary>
    public void TakeIn()
    {
        if (_handover is null)
        {
            return;
        }

        _handover.FreeReturned();
        while (_handover.TryTake(out Packet? lent, out int peerIndex, out int from))
        {
            _parts.Ledger.TakenOver(lent.Length);
            if (_parts.Pool.TryRent(lent.Length, out Packet? copy))
            {
                lent.OffloadHeader.CopyTo(copy.OffloadHeader);
                lent.Bytes.CopyTo(copy.Bytes);
                copy.FlowHash = lent.FlowHash;
                copy.DatagramId = lent.DatagramId;
                copy.IsOffloaded = lent.IsOffloaded;
                Forward(copy, peerIndex);
            }
            else
            {
                _parts.Ledger.DroppedOut(DropReason.PoolExhausted, _peers.At(peerIndex)?.Ledger);
            }

            _handover.GiveBack(lent, from);
        }
    }

    /// <summary>A lane began or ceased to take packets: its peer's go over one that takes them, here or elsewhere.
    /// </summary>
    /// <param name="lane">The lane.</param>
    /// <param name="other">Another one of the peer that takes packets at this worker; null if there is none.</param>
    public void HandleUseChanged(Lane lane, Lane? other)
    {
        WorkerPeer peer = lane.Peer;
        if (peer.IsRemoved)
        {
            return;
        }

        if (peer.Lane is { TakesPackets: true })
        {
            return;
        }

        peer.Lane = other;
        if (other is not null)
        {
            peer.Info.WorkersWithLane.Add(_worker);
            _parts.SendList.Add(peer);
            return;
        }

        peer.Info.WorkersWithLane.Remove(_worker); // first, so that nothing comes back from those that get the queue
        while (peer.Queue.TryDequeue(_parts.Loop.Now, out Packet? packet))
        {
            HandOver(packet, peer);
        }
    }

    private void CountExhausted()
    {
        // These never had a slot: the reader drained them so that the kernel's queue does not stand.
        for (; _exhaustedCounted < _device.PoolExhausted; _exhaustedCounted++)
        {
            _parts.Ledger.Entered(0);
            _parts.Ledger.DroppedOut(DropReason.PoolExhausted, null);
        }
    }

    private void Route(int count)
    {
        // Invariant: [0, i) has a new owner or is disposed; [i, count) is ours. Nothing below throws.
        for (int i = 0; i < count; i++)
        {
            Packet packet = _burst[i];
            _burst[i] = null!;
            _parts.Ledger.Entered(packet.Length);
            DropReason reason = _forwarder.Route(packet, _tables, out NextHop hop);
            if (reason == DropReason.None)
            {
                Forward(packet, hop.PeerIndex);
                continue;
            }

            if (reason == DropReason.NoRoute)
            {
                AnswerUnreachable(packet);
            }

            Drop(packet, reason, null);
        }
    }

    private void Forward(Packet packet, int peerIndex)
    {
        WorkerPeer? peer = _peers.At(peerIndex);
        if (peer?.Lane is not null)
        {
            _peers.Enqueue(peer, packet);
            _parts.SendList.Add(peer);
        }
        else
        {
            HandOver(packet, peer);
        }
    }

    private void HandOver(Packet packet, WorkerPeer? peer)
    {
        if (_isStopping)
        {
            Drop(packet, DropReason.Stopping, peer);
            return;
        }

        if (_handover is null || peer is null || peer.IsRemoved
            || !peer.Info.WorkersWithLane.TryPickOther(_worker, out int to))
        {
            Drop(packet, DropReason.PeerDown, peer);
            return;
        }

        Packet small = _parts.Pool.Shrink(packet); // it may be away for a while
        int length = small.Length;                 // once it is away it is not ours to read
        if (_handover.TrySend(small, peer.Info.Index, to))
        {
            _parts.Ledger.HandedOver(length);
        }
        else
        {
            Drop(small, DropReason.QueueFull, peer);
        }
    }

    private void Drop(Packet packet, DropReason reason, WorkerPeer? peer)
    {
        _parts.Ledger.DroppedOut(reason, peer?.Ledger);
        packet.Dispose();
    }

    private void AnswerUnreachable(Packet packet)
    {
        if (_unreachable.TryBuild(_parts.Loop.Now, packet.Bytes, _parts.Pool, out Packet? answer))
        {
            _device.Write(answer);
            _device.Flush();
        }
    }
}

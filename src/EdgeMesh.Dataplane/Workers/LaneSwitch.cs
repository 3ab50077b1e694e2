using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>Where a worker's packets go: over its own lane to the peer, or by a worker that has one.</summary>
/// <remarks>
/// The kernel keeps a flow on one TUN queue, so on one worker; that worker changes lanes only when a lane comes or
/// goes. So flows keep their order, and one that does not wait at a broken lane moves at once. On its worker's thread.
/// </remarks>
internal sealed class LaneSwitch(Worker worker, IReadOnlyCollection<Lane> lanes)
{
    private HandoffPort? _handoff;

    /// <summary>Joins the worker to the others.</summary>
    public void Connect(HandoffPort handoff) => _handoff = handoff;

    /// <summary>Takes in what other workers handed over.</summary>
    public void DrainHandoff() => _handoff?.Drain(worker);

    /// <summary>Queues a packet for its peer, here or at a worker that has a lane there; takes ownership.</summary>
    public void Forward(Packet packet, int peerIndex)
    {
        WorkerPeer? peer = worker.PeerAt(peerIndex);
        if (peer?.Lane is not null)
        {
            peer.Queue.TryEnqueue(worker.Loop.Now, packet);
            worker.MarkReady(peer);
        }
        else
        {
            HandOver(packet, peer);
        }
    }

    /// <summary>A lane takes packets from now on.</summary>
    public void TakeIntoUse(Lane lane)
    {
        WorkerPeer peer = lane.Peer;
        if (peer.Lane is null && !peer.IsRemoved)
        {
            peer.Lane = lane;
            peer.Info.Holders.Add(worker.Index);
            worker.MarkReady(peer);
        }
    }

    /// <summary>
    /// A lane takes no more packets: what waits for its peer goes over another one, here or elsewhere.
    /// </summary>
    public void TakeOutOfUse(Lane lane)
    {
        WorkerPeer peer = lane.Peer;
        if (!ReferenceEquals(peer.Lane, lane))
        {
            return;
        }

        peer.Lane = lanes.FirstOrDefault(other => ReferenceEquals(other.Peer, peer) && other.TakesPackets);
        if (peer.Lane is not null)
        {
            worker.MarkReady(peer);
            return;
        }

        peer.Info.Holders.Remove(worker.Index); // first, so that nothing comes back from those that get the queue
        while (peer.Queue.TryDequeue(worker.Loop.Now, out Packet? packet))
        {
            HandOver(packet, peer);
        }
    }

    private void HandOver(Packet packet, WorkerPeer? peer)
    {
        if (_handoff is null || peer is null || peer.IsRemoved || !peer.Info.Holders.TryPick(worker.Index, out int to))
        {
            worker.DropOut(packet, DropReason.PeerDown, peer);
            return;
        }

        Packet small = worker.Pool.Shrink(packet); // it may be away for a while
        int bytes = small.Length;                  // once it is away it is not ours to read
        if (_handoff.TrySend(small, peer.Info.Index, to))
        {
            worker.Ledger.HandedOver(bytes);
        }
        else
        {
            worker.DropOut(small, DropReason.QueueFull, peer);
        }
    }
}

using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The peers of one worker, by their index in the mesh.</summary>
internal sealed class PeerTable(PacketLedger ledger, int worker)
{
    private WorkerPeer?[] _peers = [];

    /// <summary>All of them; a place is empty while its index is free. Any thread may read.</summary>
    public IReadOnlyList<WorkerPeer?> All => Volatile.Read(ref _peers);

    /// <summary>The peer with that index; null if it left the mesh.</summary>
    public WorkerPeer? At(int index)
    {
        Debug.Assert(index >= 0);
        return index < _peers.Length ? _peers[index] : null;
    }

    /// <summary>Takes a new mesh view into use.</summary>
    public void Apply(MeshView view)
    {
        WorkerPeer?[] peers = new WorkerPeer?[view.IndexCount];
        foreach (WorkerPeer? peer in _peers)
        {
            if (peer is null)
            {
                continue;
            }

            if (view.PeerAt(peer.Info.Index) is { } info && info.Id.Equals(peer.Info.Id))
            {
                peer.Info = info;
                peers[info.Index] = peer;
            }
            else
            {
                Remove(peer);
            }
        }

        foreach (PeerInfo info in view.Peers)
        {
            peers[info.Index] ??= Make(info);
        }

        Volatile.Write(ref _peers, peers);
    }

    /// <summary>Drops what waits for any peer: the process stops.</summary>
    public void Clear()
    {
        foreach (WorkerPeer? peer in _peers)
        {
            peer?.Queue.Clear(DropReason.Stopping);
        }
    }

    private WorkerPeer Make(PeerInfo info)
    {
        PeerLedger peer = ledger.MakePeer();
        return new WorkerPeer(info, peer, new FlowQueues(ledger, peer, FlowQueueOptions.Default));
    }

    // The links close its lanes. Until then they bring nothing: the index may be another peer's from now on.
    private void Remove(WorkerPeer peer)
    {
        peer.IsRemoved = true;
        peer.Info.WorkersWithLane.Remove(worker);
        peer.Queue.Clear(DropReason.PeerDown);
    }
}

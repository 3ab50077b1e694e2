using System.Collections.Generic;
using System.Diagnostics;
using System.Threading;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;
using EdgeMesh.Tunnel.Mesh;
using EdgeMesh.Underlay;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>The peers of one worker, by their index in the mesh.</summary>
internal sealed class PeerTable
{
    private readonly Loop _loop;
    private readonly PacketLedger _ledger;
    private readonly PacketPool _pool;
    private readonly LoopTimer _shed;
    private readonly int _worker;
    private WorkerPeer?[] _peers = [];

    /// <summary>Makes a table without peers.</summary>
    /// <param name="loop">The worker's.</param>
    /// <param name="ledger">The worker's.</param>
    /// <param name="pool">The worker's; the queues of all peers share it.</param>
    /// <param name="worker">Index of the worker.</param>
    public PeerTable(Loop loop, PacketLedger ledger, PacketPool pool, int worker)
    {
        _loop = loop;
        _ledger = ledger;
        _pool = pool;
        _worker = worker;
        _shed = loop.CreateTimer(static table => ((PeerTable)table!).ShedOld(), this);
    }

    /// <summary>All of them; a place is empty while its index is free. Any thread may read.</summary>
    public IReadOnlyList<WorkerPeer?> All => Volatile.Read(ref _peers);

    /// <summary>The peer with that index; null if it left the mesh.</summary>
    public WorkerPeer? At(int index)
    {
        Debug.Assert(index >= 0);
        return index < _peers.Length ? _peers[index] : null;
    }

    /// <summary>Puts a packet into the queue of its peer; takes ownership.</summary>
    public void Enqueue(WorkerPeer peer, Packet packet)
    {
        peer.Queue.TryEnqueue(_loop.Now, packet);
        if (_shed.Due == Instant.Never && !peer.Queue.IsEmpty)
        {
            _shed.Schedule(peer.Queue.NextShed); // should nothing be taken from it any more
        }
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
        PeerLedger peer = _ledger.MakePeer();
        return new WorkerPeer(info, peer, new FlowQueues(_ledger, peer, _pool, FlowQueueOptions.Default));
    }

    // The links close its lanes. Until then they bring nothing: the index may be another peer's from now on.
    private void Remove(WorkerPeer peer)
    {
        peer.IsRemoved = true;
        peer.Info.WorkersWithLane.Remove(_worker);
        peer.Queue.Clear(DropReason.PeerDown);
    }

    private void ShedOld()
    {
        Instant next = Instant.Never;
        foreach (WorkerPeer? peer in _peers)
        {
            if (peer is null)
            {
                continue;
            }

            if (peer.Queue.NextShed <= _loop.Now)
            {
                peer.Queue.ShedOld(_loop.Now);
            }

            next = peer.Queue.NextShed < next ? peer.Queue.NextShed : next;
        }

        if (next != Instant.Never)
        {
            _shed.Schedule(next);
        }
    }
}

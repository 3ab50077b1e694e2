using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>A peer as one worker sees it: what waits for it, and the lane that takes it there.</summary>
/// <remarks>Written by its worker only; the ledger may be read by others.</remarks>
internal sealed class WorkerPeer
{
    /// <summary>Makes a peer without a lane.</summary>
    public WorkerPeer(PeerInfo info, PacketLedger ledger, PacketPool pool)
    {
        Info = info;
        Ledger = ledger.MakePeer();
        Queue = new FlowQueues(ledger, Ledger, pool, FlowQueueOptions.Default);
    }

    /// <summary>Who it is.</summary>
    public PeerInfo Info { get; set; }

    /// <summary>What became of its packets here.</summary>
    public PeerLedger Ledger { get; }

    /// <summary>Packets that wait for the lane.</summary>
    public FlowQueues Queue { get; }

    /// <summary>The lane of this worker to the peer; null while there is none.</summary>
    public Lane? Lane { get; set; }

    /// <summary>Whether the worker has this peer on its list of those to send to.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether the peer left the mesh: nothing that its lanes still bring is taken.</summary>
    public bool IsRemoved { get; set; }
}

using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Tunnel.Lanes;

/// <summary>A peer as one worker sees it: what waits for it, what became of its packets, the lane in use.</summary>
/// <remarks>Written by its worker only; queue figures and ledger may be read by others.</remarks>
public sealed class WorkerPeer
{
    internal WorkerPeer(PeerInfo info, PeerLedger ledger, FlowQueues queue)
    {
        Info = info;
        Ledger = ledger;
        Queue = queue;
    }

    /// <summary>Who it is.</summary>
    public PeerInfo Info { get; internal set; }

    /// <summary>What became of its packets at this worker.</summary>
    public PeerLedger Ledger { get; }

    /// <summary>Packets that wait for the lane.</summary>
    public FlowQueues Queue { get; }

    /// <summary>The lane of this worker to the peer; null while there is none.</summary>
    internal Lane? Lane { get; set; }

    /// <summary>Whether the peer is on its worker's list of those to send to.</summary>
    internal bool IsReady { get; set; }

    /// <summary>Whether the peer left the mesh: nothing that its lanes still bring is taken.</summary>
    internal bool IsRemoved { get; set; }
}

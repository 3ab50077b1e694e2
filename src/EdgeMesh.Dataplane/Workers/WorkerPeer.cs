using EdgeMesh.Dataplane.Mesh;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;

namespace EdgeMesh.Dataplane.Workers;

/// <summary>A peer as one worker sees it: what waits for it, and the lane that takes it there.</summary>
/// <remarks>Written by its worker only; the counters may be read by others.</remarks>
internal sealed class WorkerPeer(PeerInfo info, PacketCounters counters)
{
    private long _packetsSent;
    private long _bytesSent;
    private long _packetsReceived;
    private long _bytesReceived;
    private long _packetsDropped;

    /// <summary>Who it is.</summary>
    public PeerInfo Info { get; set; } = info;

    /// <summary>Packets that wait for the lane.</summary>
    public FlowQueues Queue { get; } = new(counters, FlowQueueOptions.Default);

    /// <summary>The lane of this worker to the peer; null while there is none.</summary>
    public Lane? Lane { get; set; }

    /// <summary>Whether the worker has this peer on its list of those to send to.</summary>
    public bool IsReady { get; set; }

    /// <summary>Whether the peer left the mesh: nothing that its lanes still bring is taken.</summary>
    public bool IsRemoved { get; set; }

    /// <summary>Packets handed to the peer's connections.</summary>
    public long PacketsSent => _packetsSent;

    /// <summary>Their bytes, IP headers included.</summary>
    public long BytesSent => _bytesSent;

    /// <summary>Packets that came from the peer, before any check.</summary>
    public long PacketsReceived => _packetsReceived;

    /// <summary>Their bytes, IP headers included.</summary>
    public long BytesReceived => _bytesReceived;

    /// <summary>Packets from or to the peer that ended here.</summary>
    public long PacketsDropped => _packetsDropped;

    /// <summary>Counts a packet sent.</summary>
    public void CountSent(int bytes)
    {
        _packetsSent++;
        _bytesSent += bytes;
    }

    /// <summary>Counts a packet received.</summary>
    public void CountReceived(int bytes)
    {
        _packetsReceived++;
        _bytesReceived += bytes;
    }

    /// <summary>Counts a packet dropped.</summary>
    public void CountDropped() => _packetsDropped++;
}

using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>The product's flow queues with CoDel.</summary>
internal sealed class FairQueue : IBottleneckQueue
{
    private readonly PeerLedger _peer;
    private readonly FlowQueues _queues;

    public FairQueue(int poolMebibytes = Limits.PoolMebibytesDefault)
    {
        Pool = new PacketPool((long)poolMebibytes << 20);
        var ledger = new PacketLedger();
        _peer = ledger.MakePeer();
        _queues = new FlowQueues(ledger, _peer, Pool, FlowQueueOptions.Default);
    }

    public PacketPool Pool { get; }

    public long Marked => _queues.Marked;

    public long Dropped => _peer.DroppedOutPackets;

    public void Enqueue(Instant now, Packet packet) => _queues.TryEnqueue(now, packet);

    public bool TryDequeue(Instant now, [NotNullWhen(true)] out Packet? packet) => _queues.TryDequeue(now, out packet);
}

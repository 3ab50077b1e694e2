using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Forwarding;
using EdgeMesh.Forwarding.Queues;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>The product's flow queues with CoDel.</summary>
internal sealed class FairQueue : IBottleneckQueue
{
    private readonly FlowQueues _queues = new(new PacketCounters(), FlowQueueOptions.Default);

    public long Marked => _queues.Marked;

    public long Dropped => _queues.DroppedByCoDel + _queues.DroppedByLimit;

    public void Enqueue(Instant now, Packet packet) => _queues.TryEnqueue(now, packet);

    public bool TryDequeue(Instant now, [NotNullWhen(true)] out Packet? packet) => _queues.TryDequeue(now, out packet);
}

using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Queues;

/// <summary>What stands before the bottleneck.</summary>
internal interface IBottleneckQueue
{
    /// <summary>The memory of its packets.</summary>
    PacketPool Pool { get; }

    /// <summary>Packets it threw away so far.</summary>
    long Dropped { get; }

    void Enqueue(Instant now, Packet packet);

    bool TryDequeue(Instant now, [NotNullWhen(true)] out Packet? packet);
}

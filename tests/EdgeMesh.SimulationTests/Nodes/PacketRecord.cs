using EdgeMesh.Packets;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What the oracle knows of one packet.</summary>
/// <param name="Label">What it says.</param>
/// <param name="InjectedAt">When its pod sent it.</param>
/// <param name="PathChanges">Of the sending node towards the receiving one, at that time.</param>
/// <param name="HasOrder">Whether it must keep its place in the flow.</param>
internal sealed record PacketRecord(PacketLabel Label, Instant InjectedAt, long PathChanges, bool HasOrder)
{
    /// <summary><see cref="Instant.Never"/>: not yet.</summary>
    public Instant DeliveredAt { get; set; } = Instant.Never;
}

using EdgeMesh.Dataplane.Workers;
using EdgeMesh.Packets;

namespace EdgeMesh.Dataplane.Reception;

/// <summary>One connection of a <see cref="LaneSet"/>.</summary>
internal sealed class LaneEntry(LaneTicket ticket, int index, Instant since)
{
    /// <summary>The connection.</summary>
    public LaneTicket Ticket { get; } = ticket;

    /// <summary>Which of the lanes it is; <see cref="LaneSet.IndexUnknown"/> until an accepted one's Hello says.
    /// </summary>
    public int Index { get; set; } = index;

    /// <summary>When it was taken in.</summary>
    public Instant Since { get; } = since;

    /// <summary>Whether the peer's Hello is here.</summary>
    public bool IsReady { get; set; }

    /// <summary>Which life of the peer it belongs to (<see cref="Forwarding.Capsules.Hello.Instance"/>).</summary>
    public ulong Instance { get; set; }
}

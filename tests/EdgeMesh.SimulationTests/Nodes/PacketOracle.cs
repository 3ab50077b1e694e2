using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Packets;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>
/// Knows each packet: what reaches a pod was sent to it, is whole, comes once and in its flow's order.
/// </summary>
/// <param name="world">Clock and trace.</param>
/// <param name="pathChanges">Of a node towards another one, as <see cref="NoteInjected"/> gets them.</param>
internal sealed class PacketOracle(SimulatedWorld world, Func<int, int, long> pathChanges)
{
    private readonly List<PacketRecord> _packets = [];
    private readonly Dictionary<int, int> _sequences = [];
    private readonly Dictionary<int, PacketRecord> _latest = [];
    private readonly Dictionary<int, int> _whole = []; // by flow, the last packet of a datagram that is whole so far

    /// <summary>Packets that devices took.</summary>
    public long Injected => _packets.Count;

    public long Delivered { get; private set; }

    /// <summary>The next packet of a flow.</summary>
    public PacketLabel Next(int from, int to, int flow) =>
        new(_packets.Count, from, to, flow, _sequences.GetValueOrDefault(flow));

    /// <summary>A device had no room for the packet: the flow goes on with the next one.</summary>
    public void NoteRefused(PacketLabel label) => _sequences[label.Flow] = label.Sequence + 1;

    /// <summary>A device took the packet.</summary>
    /// <param name="label">What it says.</param>
    /// <param name="fragments">Packets of one datagram.</param>
    public void NoteInjected(PacketLabel label, int fragments)
    {
        world.Trace("pod sends", $"node{label.From}", label.Flow, label.Sequence);
        _sequences[label.Flow] = label.Sequence + 1;

        // Nobody can tell which flow a fragment is of if the ones before it never came.
        bool isFirst = label.Sequence % fragments == 0;
        bool isWhole = isFirst || _whole.GetValueOrDefault(label.Flow, -1) == label.Sequence - 1;
        _whole[label.Flow] = isWhole ? label.Sequence : -1;
        _packets.Add(new PacketRecord(label, world.Now, pathChanges(label.From, label.To), isWhole));
    }

    /// <summary>A device of a node got a packet.</summary>
    public void HandleDelivered(int node, ReadOnlySpan<byte> packet)
    {
        if (LabelledPacket.IsUnreachable(packet))
        {
            return; // an answer of the node itself
        }

        if (!LabelledPacket.TryRead(packet, out PacketLabel label) || label.Id >= _packets.Count
            || _packets[label.Id].Label != label)
        {
            throw world.Violation($"node{node} got {packet.Length} bytes that nobody sent so");
        }

        PacketRecord record = _packets[label.Id];
        if (label.To != node)
        {
            throw world.Violation($"node{node} got a packet for node{label.To}: {label}");
        }

        if (record.DeliveredAt != Instant.Never)
        {
            throw world.Violation($"delivered twice: {label}, before at {SimulatedWorld.Describe(record.DeliveredAt)}");
        }

        record.DeliveredAt = world.Now;
        Delivered++;
        world.Trace("pod gets", $"node{node}", label.Flow, label.Sequence);
        CheckOrder(record);
    }

    /// <summary>How many packets of a flow have not arrived.</summary>
    public int CountMissing(int flow) =>
        _packets.Count(packet => packet.Label.Flow == flow && packet.DeliveredAt == Instant.Never);

    /// <summary>Whether any packet of a flow has arrived.</summary>
    public bool HasArrived(int flow) => _latest.ContainsKey(flow);

    /// <summary>The packet of a flow that took longest.</summary>
    public TimeSpan SlowestOf(int flow) => _packets
        .Where(packet => packet.Label.Flow == flow && packet.DeliveredAt != Instant.Never)
        .Select(packet => packet.DeliveredAt - packet.InjectedAt)
        .DefaultIfEmpty()
        .Max();

    // A flow keeps its order for as long as it keeps its connection: what was sent before and after a change of it may
    // overtake each other. The later packet was sent and arrived within the life of this one, so both took the same
    // connection if none changed in that life.
    private void CheckOrder(PacketRecord record)
    {
        if (!record.HasOrder)
        {
            return;
        }

        if (_latest.TryGetValue(record.Label.Flow, out PacketRecord? latest)
            && latest.Label.Sequence > record.Label.Sequence)
        {
            if (pathChanges(record.Label.From, record.Label.To) == record.PathChanges)
            {
                throw world.Violation(
                    $"out of order on one connection: {record.Label} came after {latest.Label.Sequence}");
            }

            return;
        }

        _latest[record.Label.Flow] = record;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>A whole run, as it follows from its seed.</summary>
public sealed record Scenario
{
    // Receive buffer of a simulated socket.
    private const int SocketBytesMax = 256 * 1024;

    public required int Seed { get; init; }

    public required int Nodes { get; init; }

    /// <summary>Workers of each node.</summary>
    public required IReadOnlyList<int> Workers { get; init; }

    /// <summary>Window that each node's tunnel streams grant, bytes.</summary>
    public required IReadOnlyList<int> Windows { get; init; }

    /// <summary>Whether all nodes start at the same time, so that each two dial each other.</summary>
    public required bool StartsAtOnce { get; init; }

    /// <summary>
    /// How many nodes have connections to all others; the rest have them only to these. All of them, in a small mesh.
    /// </summary>
    public required int Hubs { get; init; }

    public required PathConditions Conditions { get; init; }

    /// <summary>Memory of one worker's pool, bytes.</summary>
    public required long PoolBytes { get; init; }

    public required IReadOnlyList<FlowPlan> Flows { get; init; }

    public required IReadOnlyList<Disturbance> Disturbances { get; init; }

    /// <summary>After that nothing is disturbed any more.</summary>
    public required TimeSpan Duration { get; init; }

    /// <summary>Whether no connection needs to end: then what one node sent, the other got.</summary>
    public bool IsGentle => Disturbances.All(disturbance => disturbance.IsGentle);

    /// <summary>
    /// What is sure to fit on the way to a node: its socket takes no more, and it may top up when half is used.
    /// </summary>
    public int BytesUnderWayMax(int to) => Math.Min(SocketBytesMax, Windows[to] / 2);

    /// <summary>Pairs that have a connection, the lower index first.</summary>
    public IEnumerable<(int Low, int High)> Pairs =>
        from low in Enumerable.Range(0, Math.Min(Hubs, Nodes))
        from high in Enumerable.Range(low + 1, Nodes - low - 1)
        select (low, high);

    /// <summary>The peers of a node.</summary>
    public IReadOnlyList<int> PeersOf(int node) =>
        [.. Enumerable.Range(0, Nodes).Where(peer => peer != node && (node < Hubs || peer < Hubs))];

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(
            $"seed {Seed}: {Nodes} nodes, {Hubs} hubs, pools of {PoolBytes >> 10} KiB, {Conditions}");
        text.AppendLine($"  workers {string.Join(' ', Workers)}; windows {string.Join(' ', Windows)}");
        foreach (FlowPlan flow in Flows)
        {
            text.AppendLine("  " + flow);
        }

        foreach (Disturbance disturbance in Disturbances)
        {
            text.AppendLine("  " + disturbance);
        }

        return text.ToString();
    }
}

using System;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Something that happens, and ends.</summary>
/// <param name="Kind">What.</param>
/// <param name="Node">To which node.</param>
/// <param name="Other">The other end, for what happens between two.</param>
/// <param name="Start">Since the scenario's start.</param>
/// <param name="Duration">After which all is as before.</param>
public sealed record Disturbance(DisturbanceKind Kind, int Node, int Other, TimeSpan Start, TimeSpan Duration)
{
    /// <summary>The longest standstill that ends no connection.</summary>
    private static readonly TimeSpan GentleMax = TimeSpan.FromSeconds(3);

    /// <summary>Whether it touches two nodes, not one.</summary>
    public bool IsBetweenTwo => Kind is DisturbanceKind.Stall or DisturbanceKind.Narrow or DisturbanceKind.Cut
        or DisturbanceKind.Removal or DisturbanceKind.Reconnect;

    /// <summary>Whether connections outlive it.</summary>
    public bool IsGentle => Kind switch
    {
        DisturbanceKind.Restart or DisturbanceKind.PowerLoss or DisturbanceKind.Stop => false,
        DisturbanceKind.Cut or DisturbanceKind.Partition or DisturbanceKind.Removal => false,
        DisturbanceKind.RefusePackets or DisturbanceKind.SlowProcessor => true,
        DisturbanceKind.Move or DisturbanceKind.Reconnect => true,
        _ => Duration <= GentleMax,
    };

    /// <summary>Whether it may do anything to what two nodes send each other.</summary>
    public bool Touches(int from, int to) => Kind is not (DisturbanceKind.Move or DisturbanceKind.Reconnect)
        && TouchesNodes(from, to);

    private bool TouchesNodes(int from, int to) => IsBetweenTwo
        ? (Node == from && Other == to) || (Node == to && Other == from)
        : Node == from || Node == to;
}

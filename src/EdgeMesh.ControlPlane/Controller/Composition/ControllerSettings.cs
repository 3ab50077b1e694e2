using System.Collections.Generic;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>What the operator wants of the mesh; from the settings file, judged.</summary>
internal sealed record ControllerSettings
{
    /// <summary>Entries of the cloud's pods, in canonical order; none overlaps another of either list.</summary>
    internal IReadOnlyList<IpPrefix> CloudCidr { get; init; } = [];

    /// <summary>Entries of the edge's pods, likewise.</summary>
    internal IReadOnlyList<IpPrefix> EdgeCidr { get; init; } = [];

    /// <summary>Nodes that others can reach from anywhere; each name once.</summary>
    internal IReadOnlyList<RelayNode> Relays { get; init; } = [];

    /// <summary>What becomes of first keys.</summary>
    internal TrustMode Trust { get; init; }

    /// <summary>Names the cluster where its own id must not be used; empty: not set.</summary>
    internal string ClusterId { get; init; } = "";
}

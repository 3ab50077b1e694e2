using System;
using System.Collections.Generic;

namespace EdgeMesh.Cli;

/// <summary>What the doctor found.</summary>
internal sealed record DoctorReport
{
    /// <summary>The namespace of the product's objects.</summary>
    public required string Namespace { get; init; }

    /// <summary>The newest generation; 0: none.</summary>
    public ulong Generation { get; init; }

    /// <summary>How long ago a controller wrote the index; null: never.</summary>
    public TimeSpan? ShardAge { get; init; }

    /// <summary>Who holds the controllers' Lease; empty: nobody.</summary>
    public string Controller { get; init; } = "";

    /// <summary>How long ago it was renewed; null: never.</summary>
    public TimeSpan? ControllerRenewed { get; init; }

    /// <summary>The nodes, by name.</summary>
    public IReadOnlyList<NodeRow> Nodes { get; init; } = [];

    /// <summary>What is wrong; none: all is well.</summary>
    public IReadOnlyList<Finding> Findings { get; init; } = [];

    /// <summary>Pods whose address is useless for good: they have to be made again.</summary>
    public IReadOnlyList<PodSighting> PodsToRecreate { get; init; } = [];
}

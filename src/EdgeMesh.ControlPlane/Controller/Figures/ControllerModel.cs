using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlPlane.Controller.Composition;

namespace EdgeMesh.ControlPlane.Controller.Figures;

/// <summary>The controller's state after a round.</summary>
internal sealed record ControllerModel
{
    /// <summary>Before the first round.</summary>
    internal static ControllerModel Empty { get; } = new();

    /// <summary>Generation in the cluster; 0: none yet.</summary>
    internal ulong Generation { get; init; }

    /// <summary>Nodes that the cluster has.</summary>
    internal int Nodes { get; init; }

    /// <summary>Nodes of the document.</summary>
    internal int NodesInMesh { get; init; }

    /// <summary>Pods whose addresses count.</summary>
    internal int Pods { get; init; }

    /// <summary>Prefixes of the document.</summary>
    internal int Prefixes { get; init; }

    /// <summary>Findings by reason; every reason, also those at zero.</summary>
    internal IReadOnlyDictionary<FindingReason, int> Findings { get; init; } =
        Enum.GetValues<FindingReason>().ToDictionary(static reason => reason, static _ => 0);

    /// <summary>Reflectors that can't list or watch now.</summary>
    internal int ApiProblems { get; init; }

    /// <summary>Counts findings.</summary>
    internal static IReadOnlyDictionary<FindingReason, int> Count(IReadOnlyList<ControllerFinding> findings) =>
        Enum.GetValues<FindingReason>().ToDictionary(
            static reason => reason, reason => findings.Count(finding => finding.Reason == reason));
}

using System.Collections.Generic;
using EdgeMesh.Lab.Alternatives;

namespace EdgeMesh.Perf.Lab;

/// <summary>A variant of <see cref="SlowPeersMeasurement"/>.</summary>
/// <param name="Peers">Peers of the node in the middle.</param>
/// <param name="SlowPeers">How many of them can't keep up; fewer than all.</param>
internal sealed record SlowPeersPlan(int Peers, int SlowPeers)
{
    /// <summary>Whether the slow peers' dataplanes are stopped; else their underlay is shaped.</summary>
    public bool IsStopped { get; init; }

    /// <summary><c>--pool-mib</c> of the dataplanes; null: the program's default.</summary>
    public string? PoolMebibytes { get; init; }

    /// <summary>How an alternative is started for it.</summary>
    public AlternativePlan Apply(AlternativePlan plan) =>
        PoolMebibytes is null || plan.Kind != AlternativeKind.EdgeMesh
            ? plan
            : plan with
            {
                Options = plan.Options with
                {
                    MoreWords = (IReadOnlyList<string>)[.. plan.Options.MoreWords, "--pool-mib", PoolMebibytes],
                },
            };
}

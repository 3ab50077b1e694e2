using System;
using System.Threading;
using System.Threading.Tasks;
using EdgeMesh.Lab.Alternatives;
using EdgeMesh.Perf.Results;

namespace EdgeMesh.Perf.Lab;

/// <summary>Something the lab measures of each alternative, one sample at a time.</summary>
/// <param name="Name">Its name for <c>--tests</c>.</param>
/// <param name="About">What it is, for people.</param>
/// <param name="Headline">The metric that a line of progress shows.</param>
/// <param name="Estimate">How long one sample takes, for a measured time.</param>
/// <param name="Sample">Takes one sample, for a measured time.</param>
internal sealed record LabTest(
    string Name,
    string About,
    string Headline,
    Func<TimeSpan, TimeSpan> Estimate,
    Func<LabPath, TimeSpan, CancellationToken, Task<PerfResult>> Sample)
{
    /// <summary>The group it belongs to, also a name for <c>--tests</c>; empty: none.</summary>
    public string Group { get; init; } = "";

    /// <summary>
    /// Whether plain routing has more than one speed here, depending on which cores its parts happen to run: then it
    /// is sampled twice a round.
    /// </summary>
    public bool IsMultimodal { get; init; }

    /// <summary>Which alternatives it measures.</summary>
    public LabCoverage Coverage { get; init; } = LabCoverage.Main;

    /// <summary>Packets of a thousand that the underlay loses meanwhile.</summary>
    public int LossPerMille { get; init; }

    /// <summary>At most so many rounds: a curve needs fewer than a figure.</summary>
    public int RoundsMax { get; init; } = int.MaxValue;

    /// <summary>At most so long: a point of a curve needs less than a figure.</summary>
    public TimeSpan DurationMax { get; init; } = TimeSpan.MaxValue;

    /// <summary>How long a sample measures, if a run's samples measure so long.</summary>
    public TimeSpan DurationOf(TimeSpan duration) => duration < DurationMax ? duration : DurationMax;

    /// <summary>Whether it measures an alternative.</summary>
    public bool Covers(AlternativePlan plan)
    {
        bool isProduct = plan.Kind == AlternativeKind.EdgeMesh;
        bool isVariant = plan.Kind == AlternativeKind.Vxlan
            || (isProduct && plan.Name.Contains(':', StringComparison.Ordinal));
        return Coverage switch
        {
            LabCoverage.Everything => true,
            LabCoverage.Product => isProduct,
            LabCoverage.PlainAndProduct => !isVariant && (isProduct || plan.Kind == AlternativeKind.Plain),
            _ => !isVariant,
        };
    }
}

using System.Collections.Generic;
using EdgeMesh.Perf.Reporting;
using EdgeMesh.Perf.Results;
using EdgeMesh.Perf.Thresholds;

namespace EdgeMesh.Perf.Commands;

/// <summary>What happens with a report: also for <c>lab</c>.</summary>
internal sealed record PublishSettings
{
    /// <summary>The form.</summary>
    public OutputFormat Format { get; init; }

    /// <summary>A file to write to; empty: to the standard output.</summary>
    public string OutPath { get; init; } = "";

    /// <summary>A file for the HdrHistogram log; empty: none.</summary>
    public string HdrPath { get; init; } = "";

    /// <summary>What must not be.</summary>
    public IReadOnlyList<Threshold> Thresholds { get; init; } = [];

    /// <summary>An older report to compare with; null: none. Read before anything is measured or written.</summary>
    public PerfReport? Before { get; init; }

    /// <summary>How much worse than that a median may be.</summary>
    public double MaxRegressionPercent { get; init; }
}

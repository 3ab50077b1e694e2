using System.Collections.Generic;

namespace EdgeMesh.Perf.Results;

/// <summary>What one run of edgemesh-perf measured. Written and read as JSON; fields are only ever added.</summary>
public sealed record PerfReport
{
    /// <summary>The version of this format.</summary>
    public const int CurrentVersion = 1;

    /// <summary>The version of the format it was written in.</summary>
    public int Version { get; set; } = CurrentVersion;

    /// <summary>Where and how it was measured: without it no figure can be compared.</summary>
    public required ReportMeta Meta { get; init; }

    /// <summary>One entry per test, alternative and set of parameters.</summary>
    public required IReadOnlyList<PerfResult> Results { get; init; }
}

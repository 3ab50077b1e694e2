using System.Collections.Generic;

namespace EdgeMesh.Perf.Lab;

/// <summary>A row of the table of figures.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Test">The test, by its name for <c>--tests</c>.</param>
/// <param name="Metric">The metric.</param>
internal sealed record FigureRow(string Name, string Test, string Metric)
{
    /// <summary>What it must reach.</summary>
    public IReadOnlyList<FigureBar> Least { get; init; } = [];

    /// <summary>What it is to reach.</summary>
    public IReadOnlyList<FigureBar> Aim { get; init; } = [];
}

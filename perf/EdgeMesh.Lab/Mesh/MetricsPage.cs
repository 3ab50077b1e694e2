using System;
using System.Globalization;

namespace EdgeMesh.Lab.Mesh;

/// <summary>A metrics page, as a dataplane wrote it.</summary>
/// <param name="Text">The page.</param>
public sealed record MetricsPage(string Text)
{
    /// <summary>The sum of all samples of a family; 0 if there is none.</summary>
    public double Sum(string family)
    {
        double sum = 0;
        foreach (ReadOnlySpan<char> line in Text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(family, StringComparison.Ordinal)
                && line.Length > family.Length && line[family.Length] is ' ' or '{')
            {
                sum += double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
            }
        }

        return sum;
    }
}

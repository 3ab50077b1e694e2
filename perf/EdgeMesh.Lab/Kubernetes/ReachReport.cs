using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>Who reached whom.</summary>
/// <param name="Pairs">How many ordered pairs were tried.</param>
/// <param name="Missing">Those of which nothing arrived: from, to.</param>
/// <param name="Translated">Those that arrived with another source address, as sentences.</param>
/// <param name="Elapsed">How long it took until all had arrived, or patience was over.</param>
public sealed record ReachReport(
    int Pairs,
    IReadOnlyList<(PodPlace From, PodPlace To)> Missing,
    IReadOnlyList<string> Translated,
    TimeSpan Elapsed)
{
    /// <summary>Whether all arrived with their own addresses.</summary>
    public bool IsWhole => Pairs > 0 && Missing.Count == 0 && Translated.Count == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{Pairs - Missing.Count} of {Pairs} pairs in {Elapsed.TotalSeconds:0.0} s") +
        string.Concat(Missing.GroupBy(pair => (From: pair.From.Node.Name, To: pair.To.Node.Name))
            .Select(group => $"\n  {group.Key.From} -> {group.Key.To}: {group.Count()} not reached, such as " +
                $"{group.First().From.Name} -> {group.First().To.Name}")) +
        string.Concat(Translated.Take(5).Select(sentence => "\n  " + sentence));
}

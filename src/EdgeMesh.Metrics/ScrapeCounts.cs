using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using System.Threading;

namespace EdgeMesh.Metrics;

/// <summary>One counter per <see cref="ScrapeOutcome"/>. Any thread counts and reads.</summary>
public sealed class ScrapeCounts
{
    private static readonly string[] Labels =
        [.. Enum.GetNames<ScrapeOutcome>().Select(JsonNamingPolicy.SnakeCaseLower.ConvertName)];

    private readonly long[] _counts = new long[Labels.Length];

    /// <summary>Counts one.</summary>
    public void Add(ScrapeOutcome outcome) => Interlocked.Increment(ref _counts[(int)outcome]);

    /// <summary>Label and count of each outcome.</summary>
    public IReadOnlyList<LabelledCount> Snapshot() =>
        [.. Labels.Select((label, index) => new LabelledCount(label, Interlocked.Read(ref _counts[index])))];

    /// <summary>The label of an outcome: its name in snake_case.</summary>
    public static string LabelOf(ScrapeOutcome outcome) => Labels[(int)outcome];
}

using System.Collections.Generic;
using System.Linq;
using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Results;

/// <summary>What was measured of one test over one alternative.</summary>
public sealed record PerfResult
{
    /// <summary>The name of plain routing, which ratios are taken to.</summary>
    public const string Baseline = "baseline";

    /// <summary>The name of whatever path the target's address takes.</summary>
    public const string Direct = "direct";

    /// <summary>tcp, udp, rr, crr, load, ping, ...</summary>
    public required string Test { get; init; }

    /// <summary>What the packets went through: <see cref="Direct"/>, or an alternative's name.</summary>
    public required string Via { get; init; }

    /// <summary>What else tells it apart from another result of the test: streams, msg-size, protocol, ...</summary>
    public IReadOnlyDictionary<string, string> Parameters { get; set; } = new Dictionary<string, string>();

    /// <summary>Figures, each with its samples.</summary>
    public IReadOnlyList<Metric> Metrics { get; set; } = [];

    /// <summary>Distributions of delays, each with its name ("round trip", "idle", "loaded").</summary>
    public IReadOnlyList<LatencySummary> Latencies { get; set; } = [];

    /// <summary>Figures over time.</summary>
    public IReadOnlyList<TimeSeries> Series { get; set; } = [];

    /// <summary>What the processes of the path cost.</summary>
    public IReadOnlyList<ProcessCost> Costs { get; set; } = [];

    /// <summary>Sentences that a reader of the figures must know.</summary>
    public IReadOnlyList<string> Notes { get; set; } = [];

    /// <summary>Test and parameters as one line: the same for all alternatives.</summary>
    [JsonIgnore]
    public string Key => Parameters.Count == 0
        ? Test
        : $"{Test} {string.Join(' ', Parameters.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"))}";

    /// <summary>The metric of a name, or null.</summary>
    public Metric? Find(string metric) => Metrics.FirstOrDefault(candidate => candidate.Name == metric);
}

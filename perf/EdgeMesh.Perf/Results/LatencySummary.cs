using System.Text.Json.Serialization;

namespace EdgeMesh.Perf.Results;

/// <summary>A distribution of delays, microseconds.</summary>
public sealed record LatencySummary
{
    /// <summary>Which delays: "round trip", "idle", "loaded", ...</summary>
    public required string Name { get; init; }

    /// <summary>How many were measured.</summary>
    public long Count { get; set; }

    /// <summary>How many were sent and never answered.</summary>
    public long Lost { get; set; }

    /// <summary>The least.</summary>
    public double Min { get; set; }

    /// <summary>The mean.</summary>
    public double Mean { get; set; }

    /// <summary>Half are at most this.</summary>
    public double P50 { get; set; }

    /// <summary>90 % are at most this.</summary>
    public double P90 { get; set; }

    /// <summary>99 % are at most this.</summary>
    public double P99 { get; set; }

    /// <summary>99.9 % are at most this.</summary>
    [JsonPropertyName("p99.9")]
    public double P999 { get; set; }

    /// <summary>99.99 % are at most this.</summary>
    [JsonPropertyName("p99.99")]
    public double P9999 { get; set; }

    /// <summary>The greatest.</summary>
    public double Max { get; set; }

    /// <summary>The whole distribution, nanoseconds: HdrHistogram V2, deflated, base64. Null: not kept.</summary>
    public string? Histogram { get; set; }
}

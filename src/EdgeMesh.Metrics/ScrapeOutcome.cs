namespace EdgeMesh.Metrics;

/// <summary>What became of a connection to the metrics endpoint. Each is a label of its counter.</summary>
public enum ScrapeOutcome
{
    /// <summary>It got the metrics.</summary>
    Served,

    /// <summary>It asked for something else, or not in HTTP; it was told so.</summary>
    Refused,

    /// <summary>There were as many connections as may be; it was closed.</summary>
    TooMany,

    /// <summary>The client left, or was slower than it may be.</summary>
    Cut,

    /// <summary>A fault of ours.</summary>
    Failed,

    /// <summary>The kernel gave us no connection.</summary>
    NotAccepted,
}

using System;
using System.Net;

namespace EdgeMesh.Perf.Measuring.Serving;

/// <summary>How a server runs.</summary>
internal sealed record ServerOptions
{
    /// <summary>Where it listens.</summary>
    public required IPEndPoint Listen { get; init; }

    /// <summary>End after the first session.</summary>
    public bool IsOnce { get; init; }

    /// <summary>Longest measurement, omitted time included.</summary>
    public TimeSpan DurationMax { get; init; } = MeasuringLimits.DurationOfServerDefault;

    /// <summary>Sessions at once.</summary>
    public int SessionsMax { get; init; } = MeasuringLimits.SessionsMax;
}

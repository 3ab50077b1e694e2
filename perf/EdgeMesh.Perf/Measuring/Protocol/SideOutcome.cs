using System.Collections.Generic;

namespace EdgeMesh.Perf.Measuring.Protocol;

/// <summary>What one end of a session counted.</summary>
public sealed record SideOutcome
{
    /// <summary>What came in, if anything was to.</summary>
    public ReceivedOutcome? Received { get; set; }

    /// <summary>What went out, if anything was to.</summary>
    public SentOutcome? Sent { get; set; }

    /// <summary>Processor seconds of the program while it measured.</summary>
    public double CpuSeconds { get; set; }

    /// <summary>Numbers that no program could have counted are refused.</summary>
    /// <returns>Whether all are finite and none is negative.</returns>
    public bool IsPlausible() =>
        IsCount(CpuSeconds)
        && (Received is null || Received.IsPlausible())
        && (Sent is null || Sent.IsPlausible());

    internal static bool IsCount(double value) => double.IsFinite(value) && value >= 0;

    internal static bool AreCounts(IReadOnlyList<double> values)
    {
        foreach (double value in values)
        {
            if (!IsCount(value))
            {
                return false;
            }
        }

        return values.Count <= MeasuringLimits.IntervalsMax + 1;
    }
}

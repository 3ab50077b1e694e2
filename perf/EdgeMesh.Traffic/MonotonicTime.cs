using System;
using System.Diagnostics;

namespace EdgeMesh.Traffic;

/// <summary>Nanoseconds of the monotonic clock.</summary>
public static class MonotonicTime
{
    /// <summary>Nanoseconds of a second.</summary>
    public const long Second = 1_000_000_000;

    /// <summary>Nanoseconds of a millisecond.</summary>
    public const long Millisecond = 1_000_000;

    // Compile-time knowledge of Linux: Stopwatch counts CLOCK_MONOTONIC's nanoseconds.
    static MonotonicTime()
    {
        if (Stopwatch.Frequency != Second)
        {
            throw new PlatformNotSupportedException("the clock doesn't count nanoseconds; run on Linux");
        }
    }

    /// <summary>Now.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    /// <summary>A duration.</summary>
    public static long Of(TimeSpan duration) => duration.Ticks * 100;
}

using System;

namespace EdgeMesh.Tunnel.Links;

/// <summary>
/// How long to wait before the next dial: doubling, bounded, and jittered so that peers do not dial in step.
/// </summary>
internal static class Backoff
{
    /// <summary>Wait after the first failure, before jitter.</summary>
    public static readonly TimeSpan WaitMin = TimeSpan.FromMilliseconds(100);

    /// <summary>Longest wait, jitter included.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(10);

    /// <summary>The wait after <paramref name="failures"/> failures in a row.</summary>
    /// <param name="failures">At least 1.</param>
    /// <param name="jitter">Uniform in [0, 1): the wait is that much between half and the whole of its bound.</param>
    public static TimeSpan WaitAfter(int failures, double jitter)
    {
        double bound = Math.Min(
            WaitMax.TotalSeconds, WaitMin.TotalSeconds * 2 * Math.Pow(2, Math.Min(failures - 1, 16)));
        return TimeSpan.FromSeconds(Math.Max(WaitMin.TotalSeconds, bound * (0.5 + (jitter / 2))));
    }
}

using System;

namespace EdgeMesh.Perf.Scale;

/// <summary>What <c>edgemesh-perf cluster</c> was asked for.</summary>
/// <param name="Plan">The cluster.</param>
/// <param name="ChurnPercent">Pods that go, and as many come, per minute, of all.</param>
/// <param name="Duration">Of each phase.</param>
/// <param name="Watchers">Light watchers beside the real node.</param>
/// <param name="LogDirectory">Where the processes' logs stay; empty: nowhere.</param>
internal sealed record ScaleRequest(
    ScalePlan Plan, double ChurnPercent, TimeSpan Duration, int Watchers, string LogDirectory)
{
    /// <summary>Pods that go per minute.</summary>
    public int ChangesPerMinute => (int)Math.Round(Plan.Pods * ChurnPercent / 100);
}

using System;
using EdgeMesh.Perf.Measuring.Flows;

namespace EdgeMesh.Perf.Measuring.Asking;

/// <summary>Gets each interval while a measurement runs.</summary>
/// <param name="Show">The traffic, what it has received, what it has sent.</param>
internal sealed record IntervalProgress(Action<TrafficSide, IntervalSampler, IntervalSampler> Show);

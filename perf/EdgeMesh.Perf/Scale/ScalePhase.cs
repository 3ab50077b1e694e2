using EdgeMesh.Perf.Measuring;

namespace EdgeMesh.Perf.Scale;

/// <summary>What one phase of a run showed.</summary>
/// <param name="Name"><c>idle</c> or <c>churn</c>.</param>
/// <param name="Controller">The controller's cost.</param>
/// <param name="Node">The real node's control process's.</param>
internal sealed record ScalePhase(string Name, PhaseCost Controller, PhaseCost Node)
{
    /// <summary>Pods that came.</summary>
    public int Pods { get; init; }

    /// <summary>From a pod's address at the API to the real node's data plane.</summary>
    public LatencyRecorder AtNode { get; init; } = new();

    /// <summary>From a pod's address at the API to the change that names it, at each light watcher.</summary>
    public LatencyRecorder AtWatchers { get; init; } = new();

    /// <summary>Pods whose address did not come to the real node.</summary>
    public int MissingAtNode { get; init; }

    /// <summary>Pods whose address did not come, of all watchers together.</summary>
    public int MissingAtWatchers { get; init; }
}

namespace EdgeMesh.Perf.Scale;

/// <summary>A pod got its address.</summary>
/// <param name="Node">Number of its node.</param>
/// <param name="Address">Its address, host byte order.</param>
/// <param name="Timestamp">
/// When watches could first tell it: <see cref="System.Diagnostics.Stopwatch"/> ticks, the same for all processes.
/// </param>
internal sealed record PodCreation(int Node, uint Address, long Timestamp);

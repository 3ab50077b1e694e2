namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What came of a run that broke nothing.</summary>
/// <param name="TraceHash">The same for the same seed.</param>
/// <param name="Steps">Events.</param>
/// <param name="Injected">Packets that devices took.</param>
/// <param name="Delivered">Packets that reached their pod.</param>
public sealed record ScenarioResult(ulong TraceHash, long Steps, long Injected, long Delivered);

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>What a simulated packet says about itself.</summary>
/// <param name="Id">One of a kind in a run.</param>
/// <param name="From">The node whose pod sent it.</param>
/// <param name="To">The node whose pod it is for.</param>
/// <param name="Flow">Which flow.</param>
/// <param name="Sequence">Its place in the flow.</param>
public readonly record struct PacketLabel(int Id, int From, int To, int Flow, int Sequence);

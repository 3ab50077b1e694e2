namespace EdgeMesh.UnitTests.Fuzzing;

/// <summary>A target and how it is replayed.</summary>
/// <param name="Name">Its folder in the corpus, and its class without "Target".</param>
/// <param name="Run">The target.</param>
/// <param name="RandomInputs">Random inputs in a unit test run.</param>
internal sealed record FuzzTargetEntry(string Name, FuzzTarget Run, int RandomInputs);

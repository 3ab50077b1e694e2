using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class BurstsOnRingTests(RingWithOffloadFixture fixture) : BurstTests<RingWithOffloadFixture>(fixture);

using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class BurstsOnEpollTests(EpollWithOffloadFixture fixture) : BurstTests<EpollWithOffloadFixture>(fixture);

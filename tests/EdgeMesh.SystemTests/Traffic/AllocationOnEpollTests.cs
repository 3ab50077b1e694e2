using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class AllocationOnEpollTests(EpollWithoutOffloadFixture fixture)
    : AllocationTests<EpollWithoutOffloadFixture>(fixture);

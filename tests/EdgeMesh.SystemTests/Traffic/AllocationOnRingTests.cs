using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class AllocationOnRingTests(RingWithOffloadFixture fixture)
    : AllocationTests<RingWithOffloadFixture>(fixture);

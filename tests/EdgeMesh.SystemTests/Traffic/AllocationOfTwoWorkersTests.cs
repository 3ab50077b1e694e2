using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class AllocationOfTwoWorkersTests(TwoWorkersFixture fixture)
    : AllocationTests<TwoWorkersFixture>(fixture);

using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class FlowOrderOnRingTests(RingWithOffloadFixture fixture)
    : FlowOrderTests<RingWithOffloadFixture>(fixture);

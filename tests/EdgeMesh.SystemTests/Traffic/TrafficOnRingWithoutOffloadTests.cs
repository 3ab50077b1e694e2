using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class TrafficOnRingWithoutOffloadTests(RingWithoutOffloadFixture fixture)
    : TrafficTests<RingWithoutOffloadFixture>(fixture);

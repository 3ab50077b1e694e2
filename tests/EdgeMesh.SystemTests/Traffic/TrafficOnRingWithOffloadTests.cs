using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class TrafficOnRingWithOffloadTests(RingWithOffloadFixture fixture)
    : TrafficTests<RingWithOffloadFixture>(fixture);

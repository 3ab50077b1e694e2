using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class TrafficOnBasicRingTests(BasicRingFixture fixture) : TrafficTests<BasicRingFixture>(fixture);

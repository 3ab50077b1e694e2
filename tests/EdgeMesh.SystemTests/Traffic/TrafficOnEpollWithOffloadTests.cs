using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class TrafficOnEpollWithOffloadTests(EpollWithOffloadFixture fixture)
    : TrafficTests<EpollWithOffloadFixture>(fixture);

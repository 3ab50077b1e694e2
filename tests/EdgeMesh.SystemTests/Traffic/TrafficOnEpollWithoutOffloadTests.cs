using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class TrafficOnEpollWithoutOffloadTests(EpollWithoutOffloadFixture fixture)
    : TrafficTests<EpollWithoutOffloadFixture>(fixture);

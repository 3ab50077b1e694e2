using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

public sealed class FlowOrderOnEpollTests(EpollWithOffloadFixture fixture)
    : FlowOrderTests<EpollWithOffloadFixture>(fixture);

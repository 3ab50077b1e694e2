using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>Two workers on each of three nodes, so two lanes between any two.</summary>
public sealed class TwoWorkersFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Workers = 2 };

    /// <inheritdoc/>
    protected override Topology Topology => Topology.ThreeSites();
}

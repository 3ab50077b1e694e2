using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>A TUN whose MTU is smaller than that of the pods' links.</summary>
public sealed class SmallerMtuFixture : MeshFixture
{
    /// <summary>--mtu.</summary>
    public const int MtuBytes = 1400;

    /// <inheritdoc/>
    public override MeshOptions Options => new() { MtuBytes = MtuBytes };
}

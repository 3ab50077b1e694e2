using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>io_uring as Linux 5.10 has it, offloads on.</summary>
public sealed class BasicRingFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Io = "io_uring-basic", Offload = "auto" };
}

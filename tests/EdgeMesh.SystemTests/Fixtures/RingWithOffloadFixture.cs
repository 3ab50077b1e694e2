using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>io_uring, offloads on.</summary>
public sealed class RingWithOffloadFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Io = "io_uring", Offload = "auto" };
}

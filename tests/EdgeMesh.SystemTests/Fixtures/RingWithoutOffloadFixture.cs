using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>io_uring, offloads off.</summary>
public sealed class RingWithoutOffloadFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Io = "io_uring", Offload = "off" };
}

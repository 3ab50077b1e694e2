using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>epoll, offloads on.</summary>
public sealed class EpollWithOffloadFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Io = "epoll", Offload = "auto" };
}

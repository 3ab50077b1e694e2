using EdgeMesh.Lab.Mesh;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>epoll, offloads off.</summary>
public sealed class EpollWithoutOffloadFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { Io = "epoll", Offload = "off" };
}

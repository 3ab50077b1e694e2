using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>The data planes log everything: why connections end that never carried a packet, too.</summary>
public sealed class DebugLogFixture : MeshFixture
{
    /// <inheritdoc/>
    public override MeshOptions Options => new() { LogLevel = "debug" };
}

using System.Threading.Tasks;
using EdgeMesh.SystemTests.Fixtures;

namespace EdgeMesh.SystemTests.Traffic;

/// <summary>The underlay of edge-a carries 50 Mbit/s.</summary>
public sealed class NarrowUnderlayFixture : MeshFixture
{
    /// <summary>What the underlay of edge-a carries.</summary>
    public const int KilobitsPerSecond = 50_000;

    /// <inheritdoc/>
    protected override Task StartedAsync() => Lab.ShapeAsync(Lab.Node("edge-a"), KilobitsPerSecond);
}

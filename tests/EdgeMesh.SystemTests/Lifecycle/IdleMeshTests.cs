using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>Nobody sends anything. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class IdleMeshTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    [Fact]
    public async Task Fresh_idle_node_has_dropped_nothing()
    {
        fixture.RequireMesh();
        await Task.Delay(TimeSpan.FromSeconds(2));
        foreach (MeshNode node in fixture.Mesh.Nodes)
        {
            Assert.Empty(await node.DropsAsync());
            Assert.Equal(0, (await node.StatusAsync()).Count("packets_dropped"));
        }
    }
}

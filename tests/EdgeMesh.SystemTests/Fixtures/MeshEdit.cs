using System;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using Xunit;

namespace EdgeMesh.SystemTests.Fixtures;

/// <summary>Another mesh file on one node, for a while; each change is waited for until the dataplane has it.</summary>
internal sealed class MeshEdit : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly LabMesh _mesh;
    private readonly MeshNode _node;

    private MeshEdit(LabMesh mesh, MeshNode node)
    {
        _mesh = mesh;
        _node = node;
    }

    public static async Task<MeshEdit> ApplyAsync(LabMesh mesh, MeshNode node, MeshDocument document)
    {
        await SaveAsync(node, document);
        return new MeshEdit(mesh, node);
    }

    public async ValueTask DisposeAsync()
    {
        await SaveAsync(_node, _mesh.Document);
        await _mesh.WaitUntilConnectedAsync();
    }

    private static async Task SaveAsync(MeshNode node, MeshDocument document)
    {
        long before = (await node.StatusAsync()).Count("generation");
        document.Save(node.MeshPath);
        Assert.True(
            await Eventually.IsTrueAsync(async () => (await node.StatusAsync()).Count("generation") > before, Patience),
            $"{node.Name} did not take the edited mesh file; its control process says:\n{node.Control?.Log}");
    }
}

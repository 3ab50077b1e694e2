using System;
using System.IO;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Hostile;

/// <summary>The mesh, and in it a node "crafted" that is the test itself.</summary>
public sealed class CraftedPeerFixture : MeshFixture
{
    private KeyPair? _identity;

    /// <summary>The crafted node's key.</summary>
    public KeyPair Identity => _identity ?? throw new InvalidOperationException("call RequireMesh first");

    /// <summary>The node it speaks to.</summary>
    public MeshNode Cloud => Mesh.Node("cloud-1");

    /// <summary>That node runs, and pods reach each other through it.</summary>
    public async Task AssertHealthyAsync()
    {
        Assert.True(Cloud.Dataplane!.IsRunning, Cloud.Dataplane.Log);
        PingRun run = await PingRun.RunAsync(
            Lab.Pod("edge-a-pod1").Network, Lab.Pod("cloud-1-pod1").Plan.Address4, 10, TimeSpan.FromMilliseconds(20));
        Assert.True(run.IsWhole, run.Output);
    }

    /// <inheritdoc/>
    protected override async Task StartedAsync()
    {
        _identity = IdentityFile.LoadOrCreate(
            Directory.CreateDirectory(Path.Combine(Lab.Directory, "crafted")).FullName);
        var crafted = new MeshDocumentNode(
            "crafted", Identity.PeerId.ToString(), ["/ip4/10.99.0.200/tcp/20006"], ["10.244.90.0/24"]);
        MeshDocument document = Mesh.Document with
        {
            EdgePrefixes = [.. Mesh.Document.EdgePrefixes, "10.244.90.0/24"],
            Nodes = [.. Mesh.Document.Nodes, crafted],
        };
        document.Save(Cloud.MeshPath);
        Assert.True(
            await Eventually.IsTrueAsync(
                async () => (await Cloud.StatusAsync()).Count("peers_known") == 4, TimeSpan.FromSeconds(5)),
            Cloud.Control?.Log);
    }
}

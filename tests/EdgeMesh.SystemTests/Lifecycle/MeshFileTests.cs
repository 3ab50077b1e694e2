using System;
using System.IO;
using System.Net;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Measuring;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>Edits of mesh.yaml on running nodes. The lab is drawn at <see cref="MeshFixture"/>.</summary>
public sealed class MeshFileTests(DefaultFixture fixture) : IClassFixture<DefaultFixture>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Removed_node_loses_its_connections_and_an_added_one_is_reachable_soon()
    {
        fixture.RequireMesh();
        MeshNode cloud = fixture.Mesh.Node("cloud-1");
        MeshDocument without = fixture.Mesh.Document.Without("edge-b");
        foreach (MeshNode node in fixture.Mesh.Nodes.Where(node => node.Name != "edge-b"))
        {
            without.Save(node.MeshPath);
        }

        TimeSpan? closed = await Eventually.TimeUntilAsync(
            async () => (await cloud.StatusAsync()).Count("peers_connected") == 2, Patience);
        Assert.NotNull(closed);
        LabPod from = fixture.Lab.Pod("cloud-1-pod1");
        LabPod to = fixture.Lab.Pod("edge-b-pod1");
        PingRun gone = await PingRun.RunAsync(from.Network, to.Plan.Address4, 2, TimeSpan.FromMilliseconds(20));
        Assert.Empty(gone.RoundTripMicros);

        TimeSpan back = await FirstPacket.TimeAsync(from, to, () => fixture.Mesh.Save(fixture.Mesh.Document));
        TestContext.Current.SendDiagnosticMessage(
            "closed after {0:0} ms, reachable after {1:0} ms", closed.Value.TotalMilliseconds, back.TotalMilliseconds);
        await fixture.Mesh.WaitUntilConnectedAsync();

        // The figure to hold is 1 s. The removed node still dials with its back-off; give a busy machine some room.
        Assert.True(back < TimeSpan.FromSeconds(3), $"reachable only after {back}");
    }

    [Fact]
    public async Task Added_prefix_is_routed_within_a_second()
    {
        fixture.RequireMesh();
        LabPod from = fixture.Lab.Pod("cloud-1-pod1");
        LabPod to = fixture.Lab.Pod("edge-a-pod1");
        var address = IPAddress.Parse("10.244.50.1");
        MeshDocument more = fixture.Mesh.Document.With(
            "edge-a", node => node with { Prefixes = [.. node.Prefixes, "10.244.50.0/24"] });
        more = more with { EdgePrefixes = [.. more.EdgePrefixes, "10.244.50.0/24"] };
        (await to.Network.RunAsync("ip", "addr", "add", $"{address}/32", "dev", "lo")).OrThrow();
        (await to.Node.Network.RunAsync("ip", "route", "add", "10.244.50.0/24", "via", $"{to.Plan.Address4}"))
            .OrThrow();
        try
        {
            fixture.Mesh.Save(more);
            TimeSpan? reached = await Eventually.TimeUntilAsync(
                async () => (await PingRun.RunAsync(from.Network, address, 1, TimeSpan.FromSeconds(1))).IsWhole,
                Patience);
            Assert.NotNull(reached);
            TestContext.Current.SendDiagnosticMessage("routed after {0:0} ms", reached.Value.TotalMilliseconds);
            Assert.True(reached < TimeSpan.FromSeconds(3), $"routed only after {reached}");
        }
        finally
        {
            fixture.Mesh.Save(fixture.Mesh.Document);
            await to.Node.Network.RunAsync("ip", "route", "del", "10.244.50.0/24");
            await to.Network.RunAsync("ip", "addr", "del", $"{address}/32", "dev", "lo");
            await fixture.Mesh.WaitUntilConnectedAsync();
        }
    }

    [Theory]
    [InlineData("nodes: [", "mesh.yaml")]
    [InlineData("apiVersion: edgemesh.io/v1alpha1\nkind: Mesh\nnodes:\n  - name: cloud-1\n    peerId: nonsense\n",
        "peerId")]
    [InlineData("", "mesh.yaml")]
    public async Task Bad_file_replaces_nothing_and_is_named_with_its_remedy(string content, string named)
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-a");
        long generation = (await node.StatusAsync()).Count("generation");
        int logged = node.Control!.Log.Length;
        try
        {
            await File.WriteAllTextAsync(node.MeshPath, content);
            Assert.True(
                await Eventually.IsTrueAsync(
                    () => Task.FromResult(node.Control.Log[logged..].Contains(named, StringComparison.Ordinal)),
                    Patience),
                $"not complained of: {node.Control.Log[logged..]}");
            Assert.Equal(generation, (await node.StatusAsync()).Count("generation"));
            PingRun run = await PingRun.RunAsync(
                fixture.Lab.Pod("edge-a-pod1").Network, fixture.Lab.Pod("edge-b-pod1").Plan.Address4, 3,
                TimeSpan.FromMilliseconds(20));
            Assert.True(run.IsWhole, run.Output);
        }
        finally
        {
            fixture.Mesh.Document.Save(node.MeshPath);
        }
    }

    [Fact]
    public async Task File_is_followed_through_the_symlink_swap_of_a_mounted_ConfigMap()
    {
        fixture.RequireMesh();
        MeshNode node = fixture.Mesh.Node("edge-b");
        string directory = Path.GetDirectoryName(node.MeshPath)!;
        try
        {
            // As the kubelet does: mesh.yaml -> ..data/mesh.yaml, ..data -> ..1; a new version is a renamed link.
            await PublishAsync(directory, "..1", fixture.Mesh.Document);
            File.Delete(node.MeshPath);
            File.CreateSymbolicLink(node.MeshPath, Path.Combine("..data", "mesh.yaml"));
            await PublishAsync(directory, "..2", fixture.Mesh.Document.Without("cloud-2"));
            Assert.True(await Eventually.IsTrueAsync(
                async () => (await node.StatusAsync()).Count("peers_known") == 2, Patience));
            await PublishAsync(directory, "..3", fixture.Mesh.Document);
            Assert.True(await Eventually.IsTrueAsync(
                async () => (await node.StatusAsync()).Count("peers_known") == 3, Patience));
        }
        finally
        {
            fixture.Mesh.Document.Save(node.MeshPath);
            await fixture.Mesh.WaitUntilConnectedAsync();
        }
    }

    private static async Task PublishAsync(string directory, string version, MeshDocument document)
    {
        string folder = Path.Combine(directory, version);
        Directory.CreateDirectory(folder);
        document.Save(Path.Combine(folder, "mesh.yaml"));

        // One rename(2) of the link itself, over the old one: File.Move would look where the link leads.
        string draft = Path.Combine(directory, "..data_tmp");
        Directory.CreateSymbolicLink(draft, version);
        (await Command.RunAsync(["mv", "-T", draft, Path.Combine(directory, "..data")])).OrThrow();
    }
}

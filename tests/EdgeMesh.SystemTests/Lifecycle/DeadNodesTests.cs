using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;
using EdgeMesh.Lab.Topologies;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.SystemTests.Fixtures;
using Xunit;

namespace EdgeMesh.SystemTests.Lifecycle;

/// <summary>
/// A mesh of many nodes that do not answer and one that does, seen from a node that may hold few descriptors.
/// <code>
///  edge-a 10.99.0.5 ===== cloud-1 10.99.0.1
///         \- - - - - - -> 10.98.N.1 to 10.98.N.4   dead nodes: their router's link address is nobody's
/// </code>
/// </summary>
public sealed class DeadNodesTests
{
    private const string DeadPrefix = "10.98.0.0/16";
    private const int DescriptorsMax = 256;
    private const int DeadNodes = 100;

    // The dataplane lets an eighth of its descriptors, 32, dial at once, and each dial hangs for 4 s: half of them is
    // a floor that a busy machine reaches too.
    private const int DialsMin = DescriptorsMax / 16;

    // 32 dials of 4 s at once with 256 descriptors: the living one's turn comes after 12 s, as it is the last of 101.
    // Were further addresses of the dead ones tried before it, that would take 48 s.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Hundred_dead_nodes_take_no_descriptor_from_the_one_that_lives()
    {
        Assert.SkipWhen(LabSupport.WhyNot() is not null, LabSupport.WhyNot() ?? "");
        Assert.SkipWhen(MeshFixture.IsPlain, "EDGEMESH_LAB_PLAIN=1: this test is about the product's processes");
        await using LabNetwork lab = await LabNetwork.UpAsync(Topology.ThreeSites());
        await using LabMesh mesh = await LabMesh.PrepareAsync(lab, new MeshOptions());
        MeshNode node = mesh.Node("edge-a");
        MeshNode living = mesh.Node("cloud-1");
        await LeadNowhereAsync(node.Node.Network);
        MeshDocument few = mesh.Document.Without("edge-b");
        WithDeadNodes(few).Save(node.MeshPath);

        // The living one only listens: the other must find a descriptor to reach it.
        (few with { Nodes = [.. few.Nodes.Select(Unreachable)] }).Save(living.MeshPath);
        living.StartDataplane();
        living.StartControl();

        // A caller that it doesn't know yet is refused, and waits with all that have failed once.
        Assert.True(
            await Eventually.IsTrueAsync(() => IsItAsync(living, "generation"), Patience),
            "the living one has no document:\n" + living.Dataplane!.Log);
        node.StartDataplane();
        string limit = string.Create(CultureInfo.InvariantCulture, $"--nofile={DescriptorsMax}:{DescriptorsMax}");
        string process = string.Create(CultureInfo.InvariantCulture, $"{node.Dataplane!.Id}");
        (await node.Node.Network.RunAsync("prlimit", "--pid", process, limit)).OrThrow();
        node.StartControl();
        Assert.True(
            await Eventually.IsTrueAsync(() => IsConnectedAsync(node), Patience),
            "not connected:\n" + node.Dataplane.Log);

        int most = 0;
        int mostDials = 0;
        Assert.False(
            await Eventually.IsTrueAsync(
                async () =>
                {
                    most = Math.Max(most, DescriptorsOf(node));
                    mostDials = Math.Max(mostDials, await HangingDialsAsync(node.Node.Network));
                    return !await IsConnectedAsync(node);
                },
                Watch),
            "the connection did not stay:\n" + node.Dataplane.Log);
        Assert.InRange(mostDials, DialsMin, DescriptorsMax); // else the dead nodes asked for nothing
        Assert.InRange(most, 1, DescriptorsMax - 50); // some stay free for who calls
        Assert.DoesNotContain("EMFILE", node.Dataplane.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("accept_failed", node.Dataplane.Log, StringComparison.Ordinal);
    }

    private static MeshDocument WithDeadNodes(MeshDocument document)
    {
        var dead = new List<MeshDocumentNode>();
        for (int i = 0; i < DeadNodes; i++)
        {
            using var key = KeyPair.Generate();
            int number = i;
            dead.Add(new MeshDocumentNode(
                $"dead-{i}",
                key.PeerId.ToString(),
                [.. Enumerable.Range(1, 4).Select(host => $"/ip4/10.98.{number}.{host}/tcp/{MeshNode.ListenPort}")],
                [$"10.245.{i}.0/24"]));
        }

        return document with
        {
            EdgePrefixes = [.. document.EdgePrefixes, "10.245.0.0/16"],
            Nodes = [.. dead, .. document.Nodes],
        };
    }

    private static MeshDocumentNode Unreachable(MeshDocumentNode node) =>
        node.Name == "edge-a" ? node with { Addresses = [] } : node;

    private static async Task LeadNowhereAsync(LabNamespace node)
    {
        (await node.RunAsync(
            "ip", "neigh", "replace", "10.99.0.250", "lladdr", "02:00:00:00:00:fa", "dev", "underlay0")).OrThrow();
        (await node.RunAsync("ip", "route", "add", DeadPrefix, "via", "10.99.0.250")).OrThrow();
    }

    private static Task<bool> IsConnectedAsync(MeshNode node) => IsItAsync(node, "peers_connected");

    private static async Task<bool> IsItAsync(MeshNode node, string field)
    {
        CommandResult answer = await node.RunCliAsync("status", "--output", "json");
        return answer.IsSuccess && CliView.Parse(answer.Output).Count(field) == 1;
    }

    private static async Task<int> HangingDialsAsync(LabNamespace node)
    {
        string sockets = (await node.RunAsync("ss", "-Htn", "state", "syn-sent", "dst", DeadPrefix)).OrThrow().Output;
        return sockets.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
    }

    private static int DescriptorsOf(MeshNode node) => Directory.GetFiles(
        string.Create(CultureInfo.InvariantCulture, $"/proc/{node.Dataplane!.Id}/fd")).Length;
}

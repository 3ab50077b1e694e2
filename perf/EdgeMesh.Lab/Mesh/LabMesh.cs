using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;
using EdgeMesh.Lab.Networks;

namespace EdgeMesh.Lab.Mesh;

/// <summary>The product, running on every node of a lab.</summary>
public sealed class LabMesh : IAsyncDisposable
{
    /// <summary>How long nodes may take to find each other before a lab gives up.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(20);

    private readonly List<MeshNode> _nodes;

    private LabMesh(LabNetwork lab, List<MeshNode> nodes, MeshDocument document)
    {
        Lab = lab;
        _nodes = nodes;
        Document = document;
    }

    /// <summary>Where it runs.</summary>
    public LabNetwork Lab { get; }

    /// <summary>The nodes, in the topology's order.</summary>
    public IReadOnlyList<MeshNode> Nodes => _nodes;

    /// <summary>The mesh as it was started; a test that edits files puts this one back.</summary>
    public MeshDocument Document { get; }

    /// <summary>The node of that name.</summary>
    public MeshNode Node(string name) => _nodes.Single(node => node.Name == name);

    /// <summary>Makes keys and mesh files, and starts nothing.</summary>
    public static async Task<LabMesh> PrepareAsync(LabNetwork lab, MeshOptions options)
    {
        List<MeshNode> nodes = [.. lab.Nodes.Select(node => new MeshNode(node, options))];
        await Task.WhenAll(nodes.Select(node => node.IdentifyAsync()));
        var document = new MeshDocument(
            [.. lab.Topology.CloudPrefixes.Select(prefix => prefix.ToString())],
            [.. lab.Topology.EdgePrefixes.Select(prefix => prefix.ToString())],
            [.. nodes.Select(node => node.ToDocumentNode())]);
        foreach (MeshNode node in nodes)
        {
            document.Save(node.MeshPath);
        }

        return new LabMesh(lab, nodes, document);
    }

    /// <summary>Starts everything and waits until all nodes are connected.</summary>
    public static async Task<LabMesh> StartAsync(LabNetwork lab, MeshOptions options)
    {
        LabMesh mesh = await PrepareAsync(lab, options);
        try
        {
            foreach (MeshNode node in mesh.Nodes)
            {
                node.StartDataplane();
                node.StartControl();
            }

            await mesh.WaitUntilConnectedAsync();
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts everything so that each node knows the hub only, and waits until it has them all.</summary>
    /// <param name="lab">Where to.</param>
    /// <param name="options">How the dataplanes are started.</param>
    /// <param name="hub">The node that knows all.</param>
    public static async Task<LabMesh> StartStarAsync(LabNetwork lab, MeshOptions options, string hub)
    {
        LabMesh mesh = await PrepareAsync(lab, options);
        try
        {
            foreach (MeshNode node in mesh.Nodes)
            {
                if (node.Name != hub)
                {
                    MeshDocument all = mesh.Document;
                    (all with { Nodes = [all.Node(hub), all.Node(node.Name)] }).Save(node.MeshPath);
                }

                node.StartDataplane();
                node.StartControl();
            }

            await mesh.WaitUntilConnectedAsync(mesh.Node(hub));
            return mesh;
        }
        catch
        {
            await mesh.DisposeAsync();
            throw;
        }
    }

    /// <summary>Puts a mesh file on every node.</summary>
    public void Save(MeshDocument document)
    {
        foreach (MeshNode node in _nodes)
        {
            document.Save(node.MeshPath);
        }
    }

    /// <summary>Waits until each node is connected to all others.</summary>
    /// <exception cref="LabException">They are not in time; the message holds status and logs' ends.</exception>
    public Task WaitUntilConnectedAsync() => Task.WhenAll(_nodes.Select(WaitUntilConnectedAsync));

    private async Task WaitUntilConnectedAsync(MeshNode node)
    {
        int expected = _nodes.Count - 1;
        var clock = Stopwatch.StartNew();
        string last = "";
        while (clock.Elapsed < ConnectTimeout)
        {
            if (node.Dataplane is { IsRunning: false })
            {
                break;
            }

            Running.CommandResult answer = await node.RunCliAsync("status", "--output", "json");
            last = answer.Output + answer.ErrorOutput;
            if (answer.IsSuccess && CliView.Parse(answer.Output).Count("peers_connected") == expected)
            {
                return;
            }

            await Task.Delay(50);
        }

        throw new LabException(
            $"{node.Name} is not connected to {expected} peers after {clock.Elapsed.TotalSeconds:0.0} s\n" +
            $"status: {last}\ndataplane log:\n{Tail(node.Dataplane?.Log)}\ncontrol log:\n{Tail(node.Control?.Log)}");
    }

    /// <summary>Ends all processes.</summary>
    public async ValueTask DisposeAsync() =>
        await Task.WhenAll(_nodes.Select(node => node.DisposeAsync().AsTask()));

    private static string Tail(string? log)
    {
        const int Characters = 2000;
        return log is null ? "(not started)" : log[Math.Max(0, log.Length - Characters)..];
    }
}

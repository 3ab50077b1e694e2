using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.Lab.Networks;

/// <summary>
/// A topology that stands: namespaces, links, addresses and routes. Everything lives in namespaces called
/// <c>emID-...</c>; the machine's own network is not touched.
/// </summary>
public sealed class LabNetwork : IAsyncDisposable
{
    private readonly Dictionary<string, LabNamespace> _namespaces = [];
    private readonly List<LabNode> _nodes = [];
    private readonly List<PosixSignalRegistration> _signals = [];
    private LabReaper? _reaper;

    private LabNetwork(Topology topology, LabOptions options, string id, string directory)
    {
        Topology = topology;
        Options = options;
        Id = id;
        Directory = directory;
        LogDirectory = Path.Combine(options.LogRoot, topology.Name + "-" + id);
        System.IO.Directory.CreateDirectory(LogDirectory);
    }

    /// <summary>What stands here.</summary>
    public Topology Topology { get; }

    /// <summary>How it was built.</summary>
    public LabOptions Options { get; }

    /// <summary>Five hexadecimal digits, in the name of each namespace.</summary>
    public string Id { get; }

    /// <summary>The lab's directory: one folder per node.</summary>
    public string Directory { get; }

    /// <summary>Where processes write their logs; it stays when the lab is gone.</summary>
    public string LogDirectory { get; }

    /// <summary>The nodes.</summary>
    public IReadOnlyList<LabNode> Nodes => _nodes;

    /// <summary>All pods of all nodes.</summary>
    public IEnumerable<LabPod> Pods => _nodes.SelectMany(node => node.Pods);

    /// <summary>All namespaces, by role.</summary>
    internal IReadOnlyDictionary<string, LabNamespace> Namespaces => _namespaces;

    /// <summary>The node of that name.</summary>
    public LabNode Node(string name) => _nodes.Single(node => node.Name == name);

    /// <summary>The pod of that name.</summary>
    public LabPod Pod(string name) => Pods.Single(pod => pod.Name == name);

    /// <summary>The namespace of an underlay host that is no node.</summary>
    public LabNamespace Host(string name) => _namespaces[name];

    /// <summary>Builds a topology, after removing what dead labs left behind.</summary>
    /// <exception cref="LabException">This machine cannot hold it, or a command failed; nothing is left
    /// then.</exception>
    public static async Task<LabNetwork> UpAsync(Topology topology, LabOptions? options = null)
    {
        if (LabSupport.WhyNot() is { } reason)
        {
            throw new LabException(reason);
        }

        await LabRegistry.RemoveLeftoversAsync(alsoDisowned: false);
        (string id, string directory) = LabRegistry.Register();
        var lab = new LabNetwork(topology, options ?? new LabOptions(), id, directory);
        lab._reaper = LabReaper.Watch(id);
        lab.TakeDownOnSignals();
        try
        {
            lab.Plan();
            await new LabBuilder(lab).BuildAsync();
            return lab;
        }
        catch
        {
            await lab.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes a node's cable out of the underlay: nothing comes or goes, and no one is told.</summary>
    public Task CutAsync(LabNode node) => SetPortAsync(node, "nomaster");

    /// <summary>Puts the cable back.</summary>
    public Task RejoinAsync(LabNode node) => SetPortAsync(node, "master", LabBuilder.UnderlayRole);

    /// <summary>Makes a node's underlay narrow in both directions; what waits for 200 ms is dropped.</summary>
    /// <param name="node">Whose.</param>
    /// <param name="kilobitsPerSecond">How much passes, each way.</param>
    public async Task ShapeAsync(LabNode node, int kilobitsPerSecond)
    {
        string rate = string.Create(CultureInfo.InvariantCulture, $"{kilobitsPerSecond}kbit");
        foreach ((LabNamespace space, string port) in
            new[] { (_namespaces[LabBuilder.UnderlayRole], node.Network.Role), (node.Network, "underlay0") })
        {
            (await space.RunAsync(
                "tc", "qdisc", "replace", "dev", port, "root", "tbf", "rate", rate, "burst", "10k", "latency", "200ms"))
                .OrThrow();
        }
    }

    /// <summary>Leaves the lab standing when this process ends; <c>down</c> removes it.</summary>
    public void Disown()
    {
        LabRegistry.Disown(Id);
        EndWatch();
    }

    /// <summary>Ends what runs in the lab and removes it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_reaper is null)
        {
            return;
        }

        await LabRegistry.RemoveAsync(Id);
        EndWatch();
    }

    private async Task SetPortAsync(LabNode node, params string[] words) =>
        (await _namespaces[LabBuilder.UnderlayRole].RunAsync(["ip", "link", "set", node.Network.Role, .. words]))
        .OrThrow();

    private void EndWatch()
    {
        foreach (PosixSignalRegistration registration in _signals)
        {
            registration.Dispose();
        }

        _signals.Clear();
        _reaper?.Dispose();
        _reaper = null;
    }

    private void Plan()
    {
        AddNamespace(LabBuilder.UnderlayRole);
        foreach (HostPlan host in Topology.Hosts)
        {
            AddNamespace(host.Name);
        }

        foreach (NodePlan plan in Topology.Nodes)
        {
            var node = new LabNode(plan, AddNamespace(plan.Name), Path.Combine(Directory, plan.Name));
            _nodes.Add(node);
            foreach (PodPlan pod in plan.Pods)
            {
                node.Add(new LabPod(pod, node, AddNamespace(pod.Name)));
            }
        }
    }

    private LabNamespace AddNamespace(string role)
    {
        var space = new LabNamespace(role, "em" + Id + "-" + role, LogDirectory);
        _namespaces.Add(role, space);
        return space;
    }

    // Ctrl-C and SIGTERM: take down first, then end as the signal would have. The reaper covers everything harsher.
    private void TakeDownOnSignals()
    {
        foreach (PosixSignal signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP])
        {
            _signals.Add(PosixSignalRegistration.Create(signal, _ =>
            {
                LabRegistry.RemoveAsync(Id).GetAwaiter().GetResult();
            }));
        }
    }
}

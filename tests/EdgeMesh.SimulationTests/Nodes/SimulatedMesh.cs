using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Nodes on their machines, one world, one oracle; and what must hold after each step.</summary>
internal sealed class SimulatedMesh
{
    // What one socket's buffers may hold: what it received, and what it has not sent: what the far end has room for,
    // and a little more (SimulatedSocket).
    private const long SocketBytesMax = (256 + 256 + 128) * 1024;

    // An address that no host has.
    private const int NobodysIndex = 250;

    private readonly Scenario _scenario;
    private readonly NodeFactory _factory;
    private readonly NodeSite[] _sites;
    private readonly ISimulatedNode?[] _nodes;
    private readonly Dictionary<SimulatedHost, int> _indices = [];
    private readonly List<(int Node, int Peer)> _removed = [];
    private readonly List<int> _moved = [];
    private NodeCounts _ofTheDead;

    public SimulatedMesh(Scenario scenario, NodeFactory factory, bool isTraced)
    {
        _scenario = scenario;
        _factory = factory;
        World = new SimulatedWorld(scenario.Seed, isTraced);
        World.Network.Conditions = scenario.Conditions;
        Oracle = new PacketOracle(World, PathChangesOf);
        _sites = [.. Enumerable.Range(0, scenario.Nodes).Select(index =>
            new NodeSite(
                World, index, scenario.Workers[index], (site, packet) => Oracle.HandleDelivered(site.Index, packet))
            {
                PoolBytes = scenario.PoolBytes,
                TunnelWindowBytes = scenario.Windows[index],
            })];
        _nodes = new ISimulatedNode?[scenario.Nodes];
        foreach (NodeSite site in _sites)
        {
            _indices.Add(site.Host, site.Index);
        }

        World.AfterStep = CheckAfterStep;
    }

    public SimulatedWorld World { get; }

    public PacketOracle Oracle { get; }

    /// <summary>Packets that were in a device's queue when its process ended.</summary>
    public long LostInDevices { get; private set; }

    /// <summary>Packets that a process had when it ended.</summary>
    public long LostInNodes { get; private set; }

    /// <summary>The counts of all processes, those that ended included.</summary>
    public NodeCounts Counts => _nodes.Aggregate(
        _ofTheDead, static (sum, node) => sum + (node?.Counts ?? default));

    /// <summary>Packets in the devices' queues.</summary>
    public long QueuedInDevices => _sites.Sum(site => site.Devices.Sum(device => (long)device.QueuedPackets));

    public NodeSite Site(int node) => _sites[node];

    /// <summary>The node's process; null while there is none.</summary>
    public ISimulatedNode? Node(int node) => _nodes[node];

    public SimulatedPath Path(int from, int to) => World.Network.Path(_sites[from].Host, _sites[to].Host);

    /// <summary>Connections that two nodes should have.</summary>
    public int LanesBetween(int from, int to) =>
        Math.Min(_nodes[from]!.Lanes, _nodes[to]!.Lanes);

    /// <summary>Starts a node's process, if it does not run.</summary>
    public void Start(int node)
    {
        if (_nodes[node] is null)
        {
            _sites[node].Lives++;
            _nodes[node] = _factory(_sites[node]);
            Publish(node);
        }
    }

    /// <summary>Gives a node its mesh document.</summary>
    public void Publish(int node) => _nodes[node]?.Publish(
        [.. _scenario.PeersOf(node).Where(peer => !_removed.Contains((node, peer))).Select(peer =>
            new MeshPeer(peer, NodeSite.ListenAddressOf(_moved.Contains(peer) ? NobodysIndex : peer)))]);

    /// <summary>Takes a peer out of a node's mesh document, or puts it back.</summary>
    public void SetRemoved(int node, int peer, bool isRemoved)
    {
        Set(_removed, (node, peer), isRemoved);
        Publish(node);
    }

    /// <summary>Names an address in all mesh documents where a node is not, or where it is again.</summary>
    public void SetMoved(int node, bool isMoved)
    {
        Set(_moved, node, isMoved);
        for (int other = 0; other < _nodes.Length; other++)
        {
            Publish(other);
        }
    }

    /// <summary>Ends a node's process, or its machine's power.</summary>
    public void Kill(int node, bool isPowerLoss)
    {
        if (_nodes[node] is { } running)
        {
            NodeCounts counts = running.Counts;
            _ofTheDead += counts with { QueuedOut = 0, HeldIn = 0 };
            LostInNodes += counts.QueuedOut + counts.HeldIn;
            LostInDevices += _sites[node].Devices.Sum(device => (long)device.QueuedPackets);
            _nodes[node] = null;
        }

        _sites[node].ForgetDevices();
        if (isPowerLoss)
        {
            _sites[node].Host.PowerOff();
        }
        else
        {
            _sites[node].Host.KillProcess();
        }
    }

    /// <summary>A pod sends one packet.</summary>
    public void Inject(int from, int to, int flow, int bytes, int fragments = 1)
    {
        if (_nodes[from] is not null)
        {
            PacketLabel label = Oracle.Next(from, to, flow);
            if (_sites[from].Inject(LabelledPacket.Make(label, bytes, fragments), flow))
            {
                Oracle.NoteInjected(label, fragments);
            }
            else
            {
                Oracle.NoteRefused(label);
            }
        }
    }

    // What was set twice has to be taken back twice.
    private static void Set<T>(List<T> list, T item, bool isOn)
    {
        if (isOn)
        {
            list.Add(item);
        }
        else
        {
            list.Remove(item);
        }
    }

    private long PathChangesOf(int from, int to) =>
        (_sites[from].Lives * 1_000_000_000L) + (_nodes[from]?.PathChanges(to) ?? 0);

    private void CheckAfterStep()
    {
        // Only what ran can have changed.
        if (World.LastLoop is not { IsDead: false } loop || !_indices.TryGetValue(loop.Host, out int index)
            || _nodes[index] is not { } node)
        {
            return;
        }

        NodeCounts counts = node.Counts;
        if (counts.MissingOut != 0 || counts.MissingIn != 0)
        {
            throw World.Violation(
                $"node{index}: {counts.MissingOut} packets out and {counts.MissingIn} in are missing: {counts}");
        }

        if (node.QueueBytes > node.QueueBytesMax)
        {
            throw World.Violation($"node{index} holds {node.QueueBytes} bytes, of at most {node.QueueBytesMax}");
        }

        SimulatedHost host = _sites[index].Host;
        if (host.SocketBytes > host.SocketCount * SocketBytesMax)
        {
            throw World.Violation($"node{index}'s sockets hold {host.SocketBytes} bytes");
        }
    }
}

using System;
using System.Collections.Generic;
using System.Net;

namespace EdgeMesh.SimulationTests.Underlay;

/// <summary>The hosts, and the paths between each two of them.</summary>
public sealed class SimulatedNetwork
{
    private readonly Dictionary<IPAddress, SimulatedHost> _hosts = [];
    private readonly Dictionary<(SimulatedHost From, SimulatedHost To), SimulatedPath> _paths = [];
    private readonly SimulatedWorld _world;

    internal SimulatedNetwork(SimulatedWorld world, Random random)
    {
        _world = world;
        Random = random;
    }

    /// <summary>What a path is like until it is told otherwise.</summary>
    public PathConditions Conditions { get; set; } = new();

    public IReadOnlyCollection<SimulatedHost> Hosts => _hosts.Values;

    internal Random Random { get; }

    /// <summary>Adds a machine.</summary>
    /// <param name="name">For the trace.</param>
    /// <param name="address">Its one address, /ip4/10.x.y.z.</param>
    public SimulatedHost AddHost(string name, IPAddress address)
    {
        var host = new SimulatedHost(_world, name, address);
        _hosts.Add(address, host);
        return host;
    }

    /// <summary>The direction from one host to another.</summary>
    public SimulatedPath Path(SimulatedHost from, SimulatedHost to)
    {
        if (!_paths.TryGetValue((from, to), out SimulatedPath? path))
        {
            path = new SimulatedPath(Random, Conditions);
            _paths.Add((from, to), path);
        }

        return path;
    }

    /// <summary>Cuts or mends both directions between two hosts.</summary>
    public void SetCut(SimulatedHost one, SimulatedHost other, bool isCut)
    {
        Path(one, other).IsCut = isCut;
        Path(other, one).IsCut = isCut;
    }

    internal SimulatedHost? Find(IPAddress address) => _hosts.GetValueOrDefault(address);
}

using System;
using System.Collections.Generic;
using System.Net;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Yamux;
using EdgeMesh.Packets;
using EdgeMesh.SimulationTests.Underlay;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>The machine that a node's process runs on, and what it finds there. Outlives the process.</summary>
/// <param name="world">Clock and network.</param>
/// <param name="index">Which node; its identity, prefix and address follow from it.</param>
/// <param name="workers">Queues of its device.</param>
/// <param name="delivered">Gets each packet that reached the node's pods.</param>
public sealed class NodeSite(SimulatedWorld world, int index, int workers, Action<NodeSite, byte[]> delivered)
{
    public const int Port = 4001;

    private readonly List<SimulatedDevice> _devices = [];

    public SimulatedWorld World { get; } = world;

    public int Index { get; } = index;

    public int Workers { get; } = workers;

    /// <summary>Processes that were started here so far.</summary>
    public int Lives { get; set; }

    public SimulatedHost Host { get; } = world.Network.AddHost($"node{index}", AddressOf(index));

    /// <summary>Queues that the process has open, one for each worker.</summary>
    public IReadOnlyList<SimulatedDevice> Devices => _devices;

    /// <summary>What the kernel's queue holds (txqueuelen).</summary>
    public int DeviceQueuePackets { get; init; } = 1000;

    /// <summary>Memory of one worker's pool, bytes.</summary>
    public long PoolBytes { get; init; } = 4 << 20;

    /// <summary>Window that its tunnel streams grant, bytes.</summary>
    public int TunnelWindowBytes { get; init; } = YamuxLimits.TunnelWindowBytes;

    public static IPAddress AddressOf(int index) => new([10, 0, (byte)(index >> 8), (byte)(index + 1)]);

    /// <summary>Where a node listens.</summary>
    public static Multiaddr ListenAddressOf(int index) => Multiaddr.FromTcp(new IPEndPoint(AddressOf(index), Port));

    /// <summary>Opens a queue of the device.</summary>
    public SimulatedDevice OpenDevice(SimulatedNodeLoop loop, PacketPool pool)
    {
        var device = new SimulatedDevice(loop, pool, DeviceQueuePackets, packet => delivered(this, packet));
        _devices.Add(device);
        return device;
    }

    /// <summary>The process is gone: the device is, too.</summary>
    public void ForgetDevices() => _devices.Clear();

    /// <summary>A pod here sends a packet; the kernel keeps a flow on one queue.</summary>
    public bool Inject(byte[] packet, int flow) =>
        _devices.Count > 0 && _devices[flow % _devices.Count].Inject(packet);
}

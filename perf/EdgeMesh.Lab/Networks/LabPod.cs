using System.Net;
using EdgeMesh.Lab.Topologies;

namespace EdgeMesh.Lab.Networks;

/// <summary>A pod: a namespace on its node's bridge.</summary>
public sealed class LabPod
{
    internal LabPod(PodPlan plan, LabNode node, LabNamespace network)
    {
        Plan = plan;
        Node = node;
        Network = network;
    }

    /// <summary>What was asked for.</summary>
    public PodPlan Plan { get; }

    /// <summary>The node it is on.</summary>
    public LabNode Node { get; }

    /// <summary>Its namespace.</summary>
    public LabNamespace Network { get; }

    /// <summary>Its name.</summary>
    public string Name => Plan.Name;

    /// <summary>Sets how large a packet of TCP over IPv4 its kernel hands to its link, for offloads to cut.</summary>
    /// <param name="bytes">65536 is the kernel's default; more is "BIG TCP".</param>
    /// <exception cref="LabException">The kernel refused.</exception>
    public void SetLargestPacket(int bytes) => Network.Inside(() =>
    {
        LinkLimits.SetLargestPacket("eth0", bytes);
        return true;
    });

    /// <summary>Its IPv4 or IPv6 address.</summary>
    public IPAddress Address(bool isIpv6) => isIpv6 ? Plan.Address6 : Plan.Address4;
}

using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Controller.Composition;

/// <summary>A prefix that the cluster gave a node for its pods.</summary>
/// <param name="owner">The node.</param>
/// <param name="prefix">The prefix.</param>
internal sealed class PodCidr(ClusterNode owner, IpPrefix prefix)
{
    internal ClusterNode Owner { get; } = owner;

    internal IpPrefix Prefix { get; } = prefix;

    internal PodAddress First { get; } = PodAddress.Of(prefix.Address.Span);

    internal int Length => (int)Prefix.Length;

    /// <summary>Another node whose prefix overlaps this one; null: none.</summary>
    internal ClusterNode? Rival { get; set; }

    /// <summary>Addresses in it that pods of other nodes have.</summary>
    internal int ForeignAddresses { get; set; }

    /// <summary>May the whole prefix be the node's?</summary>
    internal bool IsUsable => Rival is null && ForeignAddresses == 0;

    internal bool Covers(PodAddress address) => address.IsIpv6 == First.IsIpv6 && address.First(Length) == First;
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.Kernel;

/// <summary>What a document asks of this node's kernel.</summary>
/// <param name="Foreign">Networks that are routed into the TUN, ordered.</param>
/// <param name="Own">
/// The entries of this node's site, and those of its prefixes that lie in no entry, ordered. The entries, not the
/// node's prefixes in them: a new pod sends before the mesh has its address, and what another plugin masquerades then
/// it masquerades for as long as that flow lives.
/// </param>
internal sealed record KernelPlan(IReadOnlyList<IPNetwork> Foreign, IReadOnlyList<IPNetwork> Own)
{
    internal static KernelPlan Empty { get; } = new([], []);

    /// <summary>Does it ask for nothing? Then nothing on the node is touched.</summary>
    internal bool IsEmpty => Foreign.Count == 0;

    /// <summary>
    /// Every entry of cloudCIDR and edgeCIDR that contains none of the node's prefixes is foreign. A family in which
    /// the node has no prefix is left alone: nobody here may send in it, and the site's own entry could not be told
    /// from the others.
    /// </summary>
    internal static KernelPlan From(MeshDocument document, string node)
    {
        MeshNode? self = document.Nodes.FirstOrDefault(candidate => candidate.Name == node);
        if (self is null)
        {
            return Empty;
        }

        var foreign = new List<IPNetwork>();
        foreach (IpPrefix entry in document.CloudCidr.Concat(document.EdgeCidr))
        {
            bool hasFamily = self.Prefixes.Any(prefix => prefix.Address.Length == entry.Address.Length);
            bool isOwn = self.Prefixes.Any(prefix => IpPrefixes.Contains(entry, prefix));
            if (hasFamily && !isOwn)
            {
                foreign.Add(ToNetwork(entry));
            }
        }

        List<IpPrefix> all =
        [
            .. document.CloudCidr.Concat(document.EdgeCidr)
                .Where(entry => self.Prefixes.Any(prefix => IpPrefixes.Contains(entry, prefix))),
            .. self.Prefixes,
        ];
        IEnumerable<IPNetwork> own = all
            .Where(prefix => !all.Exists(other => !other.Equals(prefix) && IpPrefixes.Contains(other, prefix)))
            .Select(ToNetwork);
        return new KernelPlan(InOrder(foreign), InOrder(own));
    }

    /// <summary>The same plan without some of its foreign networks.</summary>
    internal KernelPlan Without(IReadOnlySet<IPNetwork> refused) =>
        refused.Count == 0 ? this : new KernelPlan([.. Foreign.Where(network => !refused.Contains(network))], Own);

    internal static bool IsIpv4(IPNetwork network) => network.BaseAddress.AddressFamily == AddressFamily.InterNetwork;

    private static IPNetwork ToNetwork(IpPrefix prefix) => new(new IPAddress(prefix.Address.Span), (int)prefix.Length);

    private static List<IPNetwork> InOrder(IEnumerable<IPNetwork> networks) =>
        [.. networks
            .Distinct()
            .OrderBy(network => IsIpv4(network) ? 0 : 1)
            .ThenBy(network => network.BaseAddress.GetAddressBytes(), Comparer<byte[]>.Create(
                static (a, b) => a.AsSpan().SequenceCompareTo(b)))
            .ThenBy(network => network.PrefixLength)];
}

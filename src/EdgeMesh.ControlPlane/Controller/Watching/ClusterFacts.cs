using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.Controller.Composition;
using EdgeMesh.ControlPlane.Controller.Publishing;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.ControlPlane.Controller.Watching;

/// <summary>What the composer needs of the API's objects; the rest of them is not kept.</summary>
internal static class ClusterFacts
{
    /// <summary>A pod's node and addresses; null if it has none that count.</summary>
    internal static PodFacts? Of(KubePod pod)
    {
        if (pod.Spec is not { NodeName: { Length: > 0 } node, HostNetwork: false }
            || pod.Status is null or { Phase: "Succeeded" or "Failed" })
        {
            return null;
        }

        IEnumerable<string?> texts = pod.Status.PodIps is { Count: > 0 } all
            ? all.Select(static one => one.Ip)
            : [pod.Status.PodIp];
        var addresses = new List<PodAddress>(2);
        foreach (string? text in texts)
        {
            if (PodAddress.TryParse(text, out PodAddress address) && !addresses.Contains(address))
            {
                addresses.Add(address);
            }
        }

        return addresses.Count == 0
            ? null
            : new PodFacts(node, addresses.ToArray(), pod.Metadata.DeletionTimestamp is not null);
    }

    /// <summary>A node's podCIDRs; what is none is left out.</summary>
    internal static IReadOnlyList<IpPrefix> PodCidrsOf(KubeNode node)
    {
        IEnumerable<string> texts = node.Spec?.PodCidrs is { Count: > 0 } all
            ? all
            : node.Spec?.PodCidr is { Length: > 0 } one ? [one] : [];
        var prefixes = new List<IpPrefix>();
        foreach (string text in texts)
        {
            if (IpPrefixes.TryParse(text, out IpPrefix? prefix, out _))
            {
                prefixes.Add(prefix);
            }
        }

        return prefixes;
    }

    /// <summary>What a node says of itself.</summary>
    /// <returns>Null if it can't be used; then <paramref name="problem"/> says why.</returns>
    internal static SeenPublication? Of(KubeConfigMap map, out string problem)
    {
        if (!NodePublication.TryRead(ClusterObjects.Of(map), out NodePublication? read, out string? fault))
        {
            problem = fault;
            return null;
        }

        problem = "";
        _ = KubeTimestamp.TryParse(map.Metadata.CreationTimestamp, out DateTimeOffset created);
        _ = ulong.TryParse(
            map.Metadata.ResourceVersion, NumberStyles.None, CultureInfo.InvariantCulture, out ulong version);
        return new SeenPublication(
            map.Metadata.Name, read.Node, PeerId.Parse(read.PeerId), read.Addresses, read.Generation,
            new PublicationAge(created, version, map.Metadata.Name));
    }
}

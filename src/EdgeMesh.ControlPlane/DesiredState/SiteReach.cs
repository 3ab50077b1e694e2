using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>
/// Which pairs of sites can't reach each other yet, as nobody in either has an address that others can dial.
/// </summary>
internal static class SiteReach
{
    // What is no public address: RFC 1918, RFC 6598, RFC 4193. Loopback and link-local ones can't be published.
    private static readonly IPNetwork[] Private =
    [
        IPNetwork.Parse("10.0.0.0/8"),
        IPNetwork.Parse("172.16.0.0/12"),
        IPNetwork.Parse("192.168.0.0/16"),
        IPNetwork.Parse("100.64.0.0/10"),
        IPNetwork.Parse("fc00::/7"),
    ];

    /// <summary>Finds them.</summary>
    /// <param name="mesh">Canonical.</param>
    /// <returns>A sentence for each pair, at most <see cref="ControlLimits.ReportLinesMax"/>.</returns>
    internal static IReadOnlyList<string> FindUnreachable(MeshDocument mesh)
    {
        IpPrefix[] entries = [.. mesh.CloudCidr, .. mesh.EdgeCidr];
        List<Site> hidden =
            [.. Sites(mesh, entries).Where(static site => site.Nodes.All(static node => !IsOpen(node)))];
        var sentences = new List<string>();
        int pairs = hidden.Count * (hidden.Count - 1) / 2;
        for (int i = 0; i < hidden.Count; i++)
        {
            for (int other = i + 1; other < hidden.Count; other++)
            {
                if (sentences.Count == ControlLimits.ReportLinesMax - 1 && pairs > ControlLimits.ReportLinesMax)
                {
                    sentences.Add($"and {pairs - sentences.Count} more pairs of sites");
                    return sentences;
                }

                sentences.Add($"{hidden[i].Name} and {hidden[other].Name} don't reach each other unless their networks "
                    + "are joined: no node of either has a public address or is a relay node");
            }
        }

        return sentences;
    }

    /// <summary>Can nodes of other sites dial this one?</summary>
    internal static bool IsOpen(MeshNode node) =>
        (node.Relay && node.Addresses.Count > 0) || node.Addresses.Any(IsPublic);

    private static bool IsPublic(string text) =>
        Multiaddr.TryParse(text, out Multiaddr? address)
        && (!address.TryGetTcpEndPoint(out IPEndPoint? endPoint)
            ? address.TryGetTcp(out _) // a name: who publishes one wants to be found
            : !Array.Exists(Private, network => network.Contains(endPoint.Address)));

    // Entries that share a node are one site: IPv4 and IPv6 side by side.
    private static IEnumerable<Site> Sites(MeshDocument mesh, IpPrefix[] entries)
    {
        int[] parent = [.. Enumerable.Range(0, entries.Length)];
        int Root(int entry) => parent[entry] == entry ? entry : parent[entry] = Root(parent[entry]);
        var first = new Dictionary<MeshNode, int>(ReferenceEqualityComparer.Instance);
        var byPrefix = new PrefixSet<int>();
        for (int i = 0; i < entries.Length; i++)
        {
            byPrefix.TryAdd(entries[i], i, out _);
        }

        foreach (MeshNode node in mesh.Nodes)
        {
            foreach (IpPrefix prefix in node.Prefixes)
            {
                if (byPrefix.TryFind(prefix.Address.Span, (int)prefix.Length, out _, out int entry))
                {
                    parent[Root(entry)] = Root(first.GetValueOrDefault(node, entry));
                    first.TryAdd(node, entry);
                }
            }
        }

        return first
            .GroupBy(pair => Root(pair.Value), static pair => pair.Key)
            .OrderBy(static group => group.Key)
            .Select(group => new Site(
                string.Join(" + ", Enumerable.Range(0, entries.Length).Where(entry => Root(entry) == group.Key)
                    .Select(entry => IpPrefixes.Format(entries[entry]))),
                [.. group]));
    }

    private sealed record Site(string Name, IReadOnlyList<MeshNode> Nodes);
}

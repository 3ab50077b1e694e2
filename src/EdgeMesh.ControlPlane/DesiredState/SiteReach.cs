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
/// <remarks>
/// A document that follows another one costs by the nodes that changed, and one look at each name, if both share the
/// nodes that did not. One caller at a time.
/// </remarks>
internal sealed class SiteReach
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

    private MeshDocument? _last;
    private IpPrefix[] _entries = [];
    private PrefixSet<int> _byPrefix = new();
    private List<Place> _places = [];  // of _last's nodes, in its order
    private List<Place> _spare = [];   // the list before, to be written again
    private IReadOnlyList<string> _sentences = [];

    /// <summary>Finds them.</summary>
    /// <param name="mesh">Canonical, and never changed any more.</param>
    /// <returns>A sentence for each pair, at most <see cref="ControlLimits.ReportLinesMax"/>.</returns>
    internal IReadOnlyList<string> Find(MeshDocument mesh)
    {
        bool isSame = _last is not null && _last.CloudCidr.Equals(mesh.CloudCidr)
            && _last.EdgeCidr.Equals(mesh.EdgeCidr);
        if (!isSame)
        {
            SetEntries(mesh);
        }

        isSame &= !TakeNodes(mesh);
        _last = mesh;
        if (!isSame)
        {
            _sentences = Tell();
        }

        return _sentences;
    }

    /// <summary>As <see cref="Find"/>, for one document alone.</summary>
    internal static IReadOnlyList<string> FindUnreachable(MeshDocument mesh) => new SiteReach().Find(mesh);

    /// <summary>Can nodes of other sites dial this one?</summary>
    internal static bool IsOpen(MeshNode node) =>
        (node.Relay && node.Addresses.Count > 0) || node.Addresses.Any(IsPublic);

    private static bool IsPublic(string text) =>
        Multiaddr.TryParse(text, out Multiaddr? address)
        && (!address.TryGetTcpEndPoint(out IPEndPoint? endPoint)
            ? address.TryGetTcp(out _) // a name: who publishes one wants to be found
            : !Array.Exists(Private, network => network.Contains(endPoint.Address)));

    private void SetEntries(MeshDocument mesh)
    {
        _entries = [.. mesh.CloudCidr, .. mesh.EdgeCidr];
        _byPrefix = new PrefixSet<int>();
        _places.Clear();
        for (int i = 0; i < _entries.Length; i++)
        {
            _byPrefix.TryAdd(_entries[i], i, out _);
        }
    }

    // True: a node is elsewhere, or came, or went.
    private bool TakeNodes(MeshDocument mesh)
    {
        _spare.Clear();
        bool isOther = _places.Count != mesh.Nodes.Count;
        int old = 0;
        foreach (MeshNode node in mesh.Nodes)
        {
            while (old < _places.Count && string.CompareOrdinal(_places[old].Node.Name, node.Name) < 0)
            {
                old++;
            }

            Place place = old < _places.Count && ReferenceEquals(_places[old].Node, node)
                ? _places[old]
                : new Place(node, EntriesOf(node), IsOpen(node));
            isOther = isOther || _places[_spare.Count].IsOther(place);
            _spare.Add(place);
        }

        (_places, _spare) = (_spare, _places);
        return isOther;
    }

    // Each once, in the order of the node's prefixes.
    private int[] EntriesOf(MeshNode node)
    {
        var found = new List<int>(2);
        foreach (IpPrefix prefix in node.Prefixes)
        {
            if (_byPrefix.TryFind(prefix.Address.Span, (int)prefix.Length, out _, out int entry)
                && !found.Contains(entry))
            {
                found.Add(entry);
            }
        }

        return [.. found];
    }

    private List<string> Tell()
    {
        List<string> hidden = HiddenSites();
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

                sentences.Add($"{hidden[i]} and {hidden[other]} don't reach each other unless their networks "
                    + "are joined: no node of either has a public address or is a relay node");
            }
        }

        return sentences;
    }

    // Names of the sites without an open node. Entries that share a node are one site: IPv4 and IPv6 side by side.
    private List<string> HiddenSites()
    {
        int[] parent = [.. Enumerable.Range(0, _entries.Length)];
        int Root(int entry) => parent[entry] == entry ? entry : parent[entry] = Root(parent[entry]);
        foreach (int[] entries in _places.Select(static place => place.Entries).Where(static all => all.Length > 1))
        {
            foreach (int entry in entries)
            {
                parent[Root(entry)] = Root(entries[0]);
            }
        }

        bool[] isInhabited = new bool[_entries.Length];
        bool[] isOpen = new bool[_entries.Length];
        foreach (Place place in _places.Where(static place => place.Entries.Length > 0))
        {
            int root = Root(place.Entries[0]);
            isInhabited[root] = true;
            isOpen[root] |= place.IsOpen;
        }

        ILookup<int, int> sites = Enumerable.Range(0, _entries.Length).ToLookup(Root);
        return
        [
            .. Enumerable.Range(0, _entries.Length)
                .Where(root => isInhabited[root] && !isOpen[root])
                .Select(root => string.Join(
                    " + ", sites[root].Select(entry => IpPrefixes.Format(_entries[entry])))),
        ];
    }

    // Where a node lives: indexes of entries.
    private readonly record struct Place(MeshNode Node, int[] Entries, bool IsOpen)
    {
        internal bool IsOther(Place other) =>
            IsOpen != other.IsOpen || !Entries.AsSpan().SequenceEqual(other.Entries);
    }
}

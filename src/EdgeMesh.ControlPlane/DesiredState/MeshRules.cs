using System;
using System.Collections.Generic;
using System.Linq;
using System.Net;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.ControlPlane.DesiredState;

/// <summary>What must hold in a mesh document, whatever source it came from. One use per instance.</summary>
/// <remarks>
/// A document without findings passes <see cref="MeshDocuments.Validate(MeshDocument)"/> as well. Costs grow with the
/// document, but for the CIDRs: each is compared with each, and there are at most
/// <see cref="ControlLimits.CidrsMax"/>.
/// </remarks>
internal sealed class MeshRules
{
    /// <summary>Findings that are told at once; more only bury the first.</summary>
    internal const int FindingsMax = 20;

    private readonly MeshDocument _mesh;
    private readonly int _findingsMax;
    private readonly List<MeshFinding> _findings = [];
    private readonly PrefixSet<MeshSubject> _cidrs;
    private readonly PrefixSet<MeshSubject> _prefixes = new();
    private readonly PeerId?[] _peers;

    private MeshRules(MeshDocument mesh, int findingsMax, PrefixSet<MeshSubject>? cidrs = null)
    {
        _mesh = mesh;
        _cidrs = cidrs ?? new PrefixSet<MeshSubject>();
        _findingsMax = findingsMax;
        _peers = new PeerId?[mesh.Nodes.Count];
    }

    /// <summary>Judges a document.</summary>
    /// <param name="mesh">The document; its generation is for <see cref="DesiredMesh"/> to judge.</param>
    /// <param name="ownNode">Name that must be among the nodes.</param>
    /// <returns>What is wrong, at most <see cref="FindingsMax"/>; none: the document can be in force.</returns>
    internal static IReadOnlyList<MeshFinding> Judge(MeshDocument mesh, string ownNode) =>
        new MeshRules(mesh, FindingsMax).Judge(ownNode);

    /// <summary>Judges a document that is nobody's in particular, or a part of one, and tells everything.</summary>
    /// <param name="mesh">The document.</param>
    /// <returns>What is wrong, by node; none: nothing.</returns>
    internal static IReadOnlyList<MeshFinding> JudgeAll(MeshDocument mesh) =>
        new MeshRules(mesh, int.MaxValue).Judge(ownNode: null);

    /// <summary>Is nothing wrong with some nodes, each for itself and among each other?</summary>
    /// <param name="part">The nodes; its CIDRs don't count.</param>
    /// <param name="cidrs">The CIDRs of the mesh, found good before; at least one.</param>
    internal static bool AreGood(MeshDocument part, PrefixSet<MeshSubject> cidrs)
    {
        var rules = new MeshRules(part, findingsMax: 1, cidrs);
        if (rules.AreCountsGood())
        {
            rules.JudgeNames(ownNode: null);
            rules.JudgePeerIds();
            rules.JudgePrefixes(hasCidrs: true);
            rules.JudgeAddresses();
        }

        return rules._findings.Count == 0;
    }

    private List<MeshFinding> Judge(string? ownNode)
    {
        if (AreCountsGood())
        {
            JudgeNames(ownNode);
            JudgePeerIds();
            JudgeCidrs();
            JudgePrefixes(hasCidrs: _mesh.CloudCidr.Count + _mesh.EdgeCidr.Count > 0);
            JudgeAddresses();
        }

        return _findings;
    }

    private bool IsFull => _findings.Count >= _findingsMax;

    // First: what follows costs time and memory by the entry.
    private bool AreCountsGood()
    {
        var nodes = new MeshSubject(MeshField.Nodes);
        int prefixes = _mesh.Nodes.Sum(static node => node.Prefixes.Count);
        if (_mesh.Nodes.Count > ControlLimits.NodesMax)
        {
            Fail(nodes, $"{_mesh.Nodes.Count} nodes", $"the limit is {ControlLimits.NodesMax}");
        }

        if (prefixes > ControlLimits.PrefixesMax)
        {
            Fail(nodes, $"{prefixes} prefixes", $"the limit is {ControlLimits.PrefixesMax}");
        }

        if (_mesh.CloudCidr.Count + _mesh.EdgeCidr.Count > ControlLimits.CidrsMax)
        {
            Fail(
                Cidrs().ElementAt(ControlLimits.CidrsMax).Subject,
                $"more than {ControlLimits.CidrsMax} CIDRs", "that is the limit");
        }

        return _findings.Count == 0;
    }

    private void JudgeNames(string? ownNode)
    {
        var names = new Dictionary<string, MeshSubject>(StringComparer.Ordinal);
        for (int i = 0; i < _mesh.Nodes.Count && !IsFull; i++)
        {
            var subject = new MeshSubject(MeshField.NodeName, i);
            string name = _mesh.Nodes[i].Name;
            if (!MeshDocuments.IsNodeName(name))
            {
                Fail(subject, $"'{MeshDocuments.Printable(name)}' is no node name",
                    "letters, digits, '-', '_' and '.', a letter or digit first and last, at most "
                    + $"{ControlLimits.NodeNameBytesMax}");
            }
            else if (!names.TryAdd(name, subject))
            {
                Fail(subject, $"node '{name}' is here already", "names must be unique", names[name]);
            }
        }

        if (ownNode is not null && !names.ContainsKey(ownNode))
        {
            string? nearest = NearestName.Find(ownNode, names.Keys);
            Fail(new MeshSubject(MeshField.Nodes), $"this node, '{ownNode}', is not among the nodes",
                "add it, or give another --node" + (nearest is null ? "" : $" (did you mean '{nearest}'?)"));
        }
    }

    private void JudgePeerIds()
    {
        var peers = new Dictionary<PeerId, MeshSubject>();
        for (int i = 0; i < _mesh.Nodes.Count && !IsFull; i++)
        {
            var subject = new MeshSubject(MeshField.NodePeerId, i);
            if (!PeerId.TryDecode(_mesh.Nodes[i].PeerId.Span, out PeerId? peer, out string? reason))
            {
                Fail(subject, $"{NameOf(i)} has no peer id, as {reason}",
                    "take what 'edgemesh-dataplane identity' prints on that node (12D3KooW...)");
                continue;
            }

            _peers[i] = peer;
            if (!peers.TryAdd(peer, subject))
            {
                Fail(subject, $"{NameOf(peers[peer].Node)} has this peer id already",
                    "each node has a key of its own; if its state directory was copied, remove the copy's identity",
                    peers[peer]);
            }
        }
    }

    private void JudgeCidrs()
    {
        var seen = new List<(MeshSubject Subject, IpPrefix Prefix)>();
        foreach ((MeshSubject subject, IpPrefix cidr) in Cidrs())
        {
            if (IsFull)
            {
                return;
            }

            if (!IsPodNetwork(subject, cidr))
            {
                continue;
            }

            foreach ((MeshSubject otherSubject, IpPrefix other) in seen)
            {
                if (IpPrefixes.Overlap(other, cidr))
                {
                    Fail(subject, $"{IpPrefixes.Format(cidr)} overlaps {IpPrefixes.Format(other)}",
                        "each entry is a site of its own, so split or drop one", otherSubject);
                    break;
                }
            }

            seen.Add((subject, cidr));
            _cidrs.TryAdd(cidr, subject, out _);
        }
    }

    private void JudgePrefixes(bool hasCidrs)
    {
        for (int i = 0; i < _mesh.Nodes.Count; i++)
        {
            for (int entry = 0; entry < _mesh.Nodes[i].Prefixes.Count && !IsFull; entry++)
            {
                var subject = new MeshSubject(MeshField.NodePrefix, i, entry);
                IpPrefix prefix = _mesh.Nodes[i].Prefixes[entry];
                if (!IsPodNetwork(subject, prefix))
                {
                    continue;
                }

                if (!_prefixes.TryAdd(prefix, subject, out MeshSubject holder))
                {
                    Fail(subject, $"{IpPrefixes.Format(prefix)} belongs to {NameOf(holder.Node)} already",
                        "a prefix has one node", holder);
                }

                if (hasCidrs && !_cidrs.TryFind(prefix.Address.Span, (int)prefix.Length, out _, out _))
                {
                    Fail(subject, $"{IpPrefixes.Format(prefix)} lies in no entry of cloudCIDR or edgeCIDR",
                        "add the entry of its site, or correct the prefix");
                }
            }
        }
    }

    private void JudgeAddresses()
    {
        for (int i = 0; i < _mesh.Nodes.Count; i++)
        {
            if (_mesh.Nodes[i].Addresses.Count > ControlLimits.AddressesPerNodeMax)
            {
                Fail(new MeshSubject(MeshField.NodeAddress, i, ControlLimits.AddressesPerNodeMax),
                    $"{NameOf(i)} has more than {ControlLimits.AddressesPerNodeMax} addresses", "that is the limit");
                continue;
            }

            for (int entry = 0; entry < _mesh.Nodes[i].Addresses.Count && !IsFull; entry++)
            {
                JudgeAddress(new MeshSubject(MeshField.NodeAddress, i, entry), _mesh.Nodes[i].Addresses[entry]);
            }
        }
    }

    private void JudgeAddress(MeshSubject subject, string text)
    {
        if (!UnderlayAddress.TryParse(text, out Multiaddr? address, out string? problem, out string remedy))
        {
            Fail(subject, problem, remedy);
            return;
        }

        if (address.PeerId is PeerId peer && _peers[subject.Node] is PeerId own && peer != own)
        {
            Fail(subject, $"the peer id in this address is not {NameOf(subject.Node)}'s own",
                "drop /p2p/... or correct it");
        }

        if (!address.TryGetTcpEndPoint(out IPEndPoint? endPoint))
        {
            return; // a name: where it leads is for the resolver to say, at each dial
        }

        byte[] bytes = endPoint.Address.GetAddressBytes();
        if (_cidrs.TryFind(bytes, bytes.Length * 8, out IpPrefix? covering, out MeshSubject other)
            || _prefixes.TryFind(bytes, bytes.Length * 8, out covering, out other))
        {
            Fail(subject, $"{endPoint.Address} is an address of the underlay, but lies in "
                + $"{IpPrefixes.Format(covering!)}, which goes through the tunnel",
                "the tunnel can't carry itself, so correct one of them", other);
        }
    }

    private bool IsPodNetwork(MeshSubject subject, IpPrefix prefix)
    {
        if (!IpPrefixes.IsCanonical(prefix))
        {
            Fail(subject, $"{IpPrefixes.Format(prefix)} is no network address with its length",
                "write it as in 10.244.1.0/24 or fd00:1::/64");
            return false;
        }

        if (ReservedPrefixes.Find(prefix) is string why)
        {
            string problem = prefix.Length == 0
                ? "this is every address there is, the underlay's too"
                : $"{IpPrefixes.Format(prefix)} can't be pods' addresses: {why}";
            Fail(subject, problem, "write the pods' own prefixes");
            return false;
        }

        return true;
    }

    private IEnumerable<(MeshSubject Subject, IpPrefix Prefix)> Cidrs() =>
        _mesh.CloudCidr.Select((prefix, i) => (new MeshSubject(MeshField.CloudCidr, Entry: i), prefix))
            .Concat(_mesh.EdgeCidr.Select((prefix, i) => (new MeshSubject(MeshField.EdgeCidr, Entry: i), prefix)));

    private string NameOf(int node) => $"node '{MeshDocuments.Printable(_mesh.Nodes[node].Name)}'";

    private void Fail(MeshSubject subject, string problem, string remedy, MeshSubject? other = null)
    {
        if (!IsFull)
        {
            _findings.Add(new MeshFinding(subject, problem, remedy, other));
        }
    }
}

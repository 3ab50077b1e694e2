using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.ControlChannel;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>Checks the parts of mesh.yaml against each other, and makes the document. One use per instance.</summary>
internal sealed class MeshFileRules
{
    private static readonly (string Text, string Why)[] Reserved =
    [
        ("127.0.0.0/8", "loopback addresses stay on their node"),
        ("169.254.0.0/16", "link-local addresses stay on their link"),
        ("224.0.0.0/4", "multicast is not carried"),
        ("240.0.0.0/4", "these addresses are reserved"),
        ("0.0.0.0/8", "these addresses mean 'this host'"),
        ("::/127", "loopback and unspecified addresses stay on their node"),
        ("fe80::/10", "link-local addresses stay on their link"),
        ("ff00::/8", "multicast is not carried"),
    ];

    private static readonly (IpPrefix Prefix, string Why)[] ReservedPrefixes =
        [.. Reserved.Select(entry => (Parse(entry.Text), entry.Why))];

    private readonly ParsedMesh _mesh;
    private readonly List<MeshFileError> _errors;
    private readonly PrefixSet<FilePosition> _cidrs = new();
    private readonly PrefixSet<ParsedNode> _prefixes = new();

    private MeshFileRules(ParsedMesh mesh, List<MeshFileError> errors)
    {
        _mesh = mesh;
        _errors = errors;
    }

    /// <summary>Checks everything.</summary>
    /// <param name="mesh">The file, read without errors.</param>
    /// <param name="ownNode">Name that must be among the nodes.</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>The document, generation 0, canonical; null if there were errors.</returns>
    internal static MeshDocument? Check(ParsedMesh mesh, string ownNode, List<MeshFileError> errors)
    {
        var rules = new MeshFileRules(mesh, errors);
        rules.CheckNames(ownNode);
        rules.CheckCidrs();
        rules.CheckPrefixes();
        rules.CheckAddresses();
        if (errors.Count > 0)
        {
            return null;
        }

        MeshDocument document = rules.ToDocument();
        if (MeshDocuments.Validate(document) is string problem)
        {
            errors.Add(new MeshFileError(mesh.NodesPosition, problem));
            return null;
        }

        return document;
    }

    private bool IsFull => _errors.Count >= MeshFileLimits.ErrorsMax;

    private static IpPrefix Parse(string text) =>
        IpPrefixes.TryParse(text, out IpPrefix? prefix, out string? error) ? prefix : throw new FormatException(error);

    private void CheckNames(string ownNode)
    {
        var names = new Dictionary<string, FilePosition>(StringComparer.Ordinal);
        var peers = new Dictionary<ByteString, ParsedNode>();
        foreach (ParsedNode node in _mesh.Nodes)
        {
            Located<string> name = node.Name!.Value;
            if (!names.TryAdd(name.Value, name.Position))
            {
                Fail(name.Position, $"node '{name.Value}' is here already, in line {names[name.Value].Line}: names "
                    + "must be unique");
            }

            Located<byte[]> peer = node.PeerId!.Value;
            if (!peers.TryAdd(ByteString.CopyFrom(peer.Value), node))
            {
                ParsedNode other = peers[ByteString.CopyFrom(peer.Value)];
                Fail(peer.Position, $"{other.NameForErrors} has this peer id already, in line "
                    + $"{other.PeerId!.Value.Position.Line}: "
                    + "each node has a key of its own; if its state directory was copied, remove the copy's identity");
            }
        }

        if (!names.ContainsKey(ownNode))
        {
            string? nearest = NearestName.Find(ownNode, names.Keys);
            Fail(_mesh.NodesPosition, $"this node, '{ownNode}', is not among the nodes: add it, or give another --node"
                + (nearest is null ? "" : $" (did you mean '{nearest}'?)"));
        }
    }

    private void CheckCidrs()
    {
        var seen = new List<Located<IpPrefix>>();
        foreach (Located<IpPrefix> cidr in _mesh.CloudCidr.Concat(_mesh.EdgeCidr))
        {
            CheckReserved(cidr);
            if (seen.Count == ControlLimits.CidrsMax)
            {
                Fail(cidr.Position, $"more than {ControlLimits.CidrsMax} CIDRs: that is the limit");
                return;
            }

            foreach (Located<IpPrefix> other in seen)
            {
                if (IpPrefixes.Overlap(other.Value, cidr.Value))
                {
                    Fail(cidr.Position, $"{IpPrefixes.Format(cidr.Value)} overlaps {IpPrefixes.Format(other.Value)} "
                        + "of line "
                        + $"{other.Position.Line}: each entry is a site of its own, so split or drop one");
                    break;
                }
            }

            seen.Add(cidr);
            _cidrs.TryAdd(cidr.Value, cidr.Position, out _);
            if (IsFull)
            {
                return;
            }
        }
    }

    private void CheckPrefixes()
    {
        bool hasCidrs = _mesh.CloudCidr.Count + _mesh.EdgeCidr.Count > 0;
        foreach (ParsedNode node in _mesh.Nodes)
        {
            foreach (Located<IpPrefix> prefix in node.Prefixes)
            {
                if (IsFull)
                {
                    return;
                }

                CheckReserved(prefix);
                if (!_prefixes.TryAdd(prefix.Value, node, out ParsedNode holder))
                {
                    Fail(prefix.Position, $"{IpPrefixes.Format(prefix.Value)} belongs to {holder.NameForErrors} "
                        + "already: "
                        + "a prefix has one node");
                }

                if (hasCidrs && !_cidrs.TryFind(prefix.Value.Address.Span, (int)prefix.Value.Length, out _, out _))
                {
                    Fail(prefix.Position, $"{IpPrefixes.Format(prefix.Value)} lies in no entry of cloudCIDR or "
                        + "edgeCIDR: "
                        + "add the entry of its site, or correct the prefix");
                }
            }
        }
    }

    private void CheckReserved(Located<IpPrefix> prefix)
    {
        if (prefix.Value.Length == 0)
        {
            Fail(prefix.Position, "this is every address there is, the underlay's too: write the pods' own prefixes");
            return;
        }

        foreach ((IpPrefix reserved, string why) in ReservedPrefixes)
        {
            if (IpPrefixes.Overlap(reserved, prefix.Value))
            {
                Fail(prefix.Position, $"{IpPrefixes.Format(prefix.Value)} can't be pods' addresses: {why}");
                return;
            }
        }
    }

    private void CheckAddresses()
    {
        foreach (ParsedNode node in _mesh.Nodes)
        {
            if (node.Addresses.Count > ControlLimits.AddressesPerNodeMax)
            {
                Fail(node.Addresses[ControlLimits.AddressesPerNodeMax].Position,
                    $"{node.NameForErrors} has more than {ControlLimits.AddressesPerNodeMax} addresses: that is the "
                        + "limit");
            }

            foreach (Located<UnderlayAddress> address in node.Addresses)
            {
                if (IsFull)
                {
                    return;
                }

                CheckAddress(node, address);
            }
        }
    }

    private void CheckAddress(ParsedNode node, Located<UnderlayAddress> address)
    {
        if (address.Value.PeerId is byte[] peer && !peer.AsSpan().SequenceEqual(node.PeerId!.Value.Value))
        {
            Fail(address.Position, $"the peer id in this address is not {node.NameForErrors}'s own: drop /p2p/... or "
                + "correct it");
        }

        if (address.Value.Address is null)
        {
            return;
        }

        byte[] bytes = address.Value.Address.GetAddressBytes();
        IpPrefix? covering;
        if (_cidrs.TryFind(bytes, bytes.Length * 8, out covering, out _)
            || _prefixes.TryFind(bytes, bytes.Length * 8, out covering, out _))
        {
            Fail(address.Position, $"{address.Value.Address} is an address of the underlay, but lies in "
                + $"{IpPrefixes.Format(covering!)}, "
                + "which goes through the tunnel: the tunnel can't carry itself, so correct one of them");
        }
    }

    private MeshDocument ToDocument()
    {
        var document = new MeshDocument();
        document.CloudCidr.AddRange(_mesh.CloudCidr.Select(cidr => cidr.Value));
        document.EdgeCidr.AddRange(_mesh.EdgeCidr.Select(cidr => cidr.Value));
        foreach (ParsedNode parsed in _mesh.Nodes)
        {
            var node = new MeshNode
            {
                Name = parsed.Name!.Value.Value,
                PeerId = ByteString.CopyFrom(parsed.PeerId!.Value.Value),
                Relay = parsed.IsRelay,
            };
            node.Addresses.AddRange(parsed.Addresses.Select(address => address.Value.Text));
            node.Prefixes.AddRange(parsed.Prefixes.Select(prefix => prefix.Value));
            document.Nodes.Add(node);
        }

        MeshDocuments.Canonicalize(document);
        return document;
    }

    private void Fail(FilePosition at, string message)
    {
        if (!IsFull)
        {
            _errors.Add(new MeshFileError(at, message));
        }
    }
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Forwarding.Routing;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>Compiles mesh documents into views, and keeps each peer's index while it stays in the mesh.</summary>
/// <remarks>Its caller compiles one document at a time; it may be any thread off the packet path.</remarks>
internal sealed class MeshCompiler(string ownName, PeerId ownId)
{
    private readonly Dictionary<PeerId, int> _indexes = [];
    private readonly Dictionary<PeerId, LaneHolders> _holders = [];
    private readonly SortedSet<int> _free = [];
    private int _nextIndex;

    /// <summary>Compiles <paramref name="document"/>.</summary>
    /// <exception cref="ConfigurationException">It does not name this node, or names it with another key.</exception>
    public MeshView Compile(MeshDocument document)
    {
        MeshNode? own = document.Nodes.FirstOrDefault(
            node => string.Equals(node.Name, ownName, StringComparison.Ordinal));
        if (own is null)
        {
            throw new ConfigurationException(
                $"the mesh document names no node {ownName}; "
                + "add it, or start the data plane with the --node that the document has");
        }

        if (!ReadPeerId(own).Equals(ownId))
        {
            throw new ConfigurationException(
                $"the mesh document gives node {ownName} the peer id {ReadPeerId(own)}, but its key is {ownId}'s; "
                + "put into the document what 'edgemesh-dataplane identity' prints on that node");
        }

        List<(MeshNode Node, PeerId Id)> others =
            [.. document.Nodes.Where(node => !ReferenceEquals(node, own)).Select(node => (node, ReadPeerId(node)))];
        Release([.. others.Select(other => other.Id)]);
        List<PeerInfo> peers =
            [.. others.Select(
                other => new PeerInfo(
                    IndexOf(other.Id), other.Node.Name, other.Id, other.Node.Addresses, other.Node.Prefixes)
                {
                    Holders = _holders[other.Id],
                })];
        RouteCompilation routes = RouteCompiler.Compile(
        [
            Routes(own, NextHop.Local),
            .. peers.Zip(others, (peer, other) => Routes(other.Node, NextHop.Peer(peer.Index))),
        ]);
        return new MeshView(document, peers, routes.Tables, routes.Conflicts);
    }

    private static NodeRoutes Routes(MeshNode node, NextHop hop) => new(
        node.Name,
        hop,
        [.. node.Prefixes.Where(prefix => prefix.Address.Length == 4).Select(prefix =>
            new Prefix4(BinaryPrimitives.ReadUInt32BigEndian(prefix.Address.Span), (int)prefix.Length))],
        [.. node.Prefixes.Where(prefix => prefix.Address.Length == 16).Select(prefix =>
            new Prefix6(BinaryPrimitives.ReadUInt128BigEndian(prefix.Address.Span), (int)prefix.Length))]);

    private static PeerId ReadPeerId(MeshNode node) => PeerId.TryDecode(node.PeerId.Span, out PeerId? id, out _)
        ? id
        : throw new ConfigurationException(
            $"the mesh document's peer id of node {node.Name} is none; it must be an Ed25519 key's multihash");

    private void Release(HashSet<PeerId> present)
    {
        foreach ((PeerId id, int index) in _indexes.Where(entry => !present.Contains(entry.Key)).ToList())
        {
            _indexes.Remove(id);
            _holders.Remove(id);
            _free.Add(index);
        }
    }

    private int IndexOf(PeerId id)
    {
        if (!_indexes.TryGetValue(id, out int index))
        {
            index = _free.Count > 0 ? _free.Min : _nextIndex++;
            _free.Remove(index);
            _indexes.Add(id, index);
            _holders.Add(id, new LaneHolders());
        }

        return index;
    }
}

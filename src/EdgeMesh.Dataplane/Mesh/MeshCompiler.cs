using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.Dataplane.Configuration;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>Compiles mesh documents into views, and keeps each peer's index while it stays in the mesh.</summary>
/// <remarks>Its caller compiles one document at a time; it may be any thread off the packet path.</remarks>
internal sealed class MeshCompiler(string ownName, PeerId ownId)
{
    private readonly Dictionary<PeerId, (int Index, WorkerSet Workers)> _known = [];
    private readonly SortedSet<int> _free = [];
    private int _nextIndex;

    /// <summary>Compiles <paramref name="document"/>.</summary>
    /// <exception cref="ConfigurationException">It does not name this node, or names it with another key.</exception>
    public MeshView Compile(MeshDocument document)
    {
        MeshNode own = FindOwn(document);
        List<(MeshNode Node, PeerId Id)> others =
            [.. document.Nodes.Where(node => !ReferenceEquals(node, own)).Select(node => (node, ReadPeerId(node)))];
        Release([.. others.Select(other => other.Id)]);
        List<PeerInfo> peers = [.. others.Select(other => MakePeer(other.Node, other.Id))];
        RouteCompilation routes = RouteCompiler.Compile(
        [
            Routes(own, NextHop.Local),
            .. peers.Zip(others, (peer, other) => Routes(other.Node, NextHop.Peer(peer.Index))),
        ]);
        return new MeshView(document.Generation, peers, routes.Tables, routes.Conflicts);
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

    private MeshNode FindOwn(MeshDocument document)
    {
        MeshNode own = document.Nodes.FirstOrDefault(
            node => string.Equals(node.Name, ownName, StringComparison.Ordinal))
            ?? throw new ConfigurationException(
                $"the mesh document names no node {ownName}; "
                + "add it, or start the data plane with the --node that the document has");
        return ReadPeerId(own).Equals(ownId)
            ? own
            : throw new ConfigurationException(
                $"the mesh document gives node {ownName} the peer id {ReadPeerId(own)}, but its key is {ownId}'s; "
                + "put into the document what 'edgemesh-dataplane identity' prints on that node");
    }

    private void Release(HashSet<PeerId> present)
    {
        foreach ((PeerId id, (int index, _)) in _known.Where(entry => !present.Contains(entry.Key)).ToList())
        {
            _known.Remove(id);
            _free.Add(index);
        }
    }

    // An address that is none is passed over: a newer control process may know more kinds than we do.
    private PeerInfo MakePeer(MeshNode node, PeerId id)
    {
        if (!_known.TryGetValue(id, out (int Index, WorkerSet Workers) known))
        {
            int index = _free.Count > 0 ? _free.Min : _nextIndex++;
            _free.Remove(index);
            known = (index, new WorkerSet());
            _known.Add(id, known);
        }

        List<Multiaddr> addresses = [];
        foreach (string text in node.Addresses)
        {
            if (Multiaddr.TryParse(text, out Multiaddr? address))
            {
                addresses.Add(address);
            }
        }

        return new PeerInfo(known.Index, node.Name, id, addresses) { WorkersWithLane = known.Workers };
    }
}

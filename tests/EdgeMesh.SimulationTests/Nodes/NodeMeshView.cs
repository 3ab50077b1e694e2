using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Forwarding.Routing;
using EdgeMesh.Tunnel.Mesh;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>Makes the mesh views of one node; indices are given again once their peer left, as in the product.
/// </summary>
/// <param name="self">The node.</param>
internal sealed class NodeMeshView(int self)
{
    private readonly Dictionary<int, (int Index, WorkerSet Workers)> _known = [];
    private readonly Dictionary<int, int> _entries = [];
    private ulong _generation;

    /// <summary>How often a node was taken in.</summary>
    public int EntriesOf(int node) => _entries.GetValueOrDefault(node);

    /// <summary>The index of a node in the last view; -1 if it is not in it.</summary>
    public int IndexOf(int node) =>
        _known.TryGetValue(node, out (int Index, WorkerSet Workers) known) ? known.Index : -1;

    /// <summary>Makes the next one.</summary>
    public MeshView Make(IReadOnlyList<MeshPeer> peers)
    {
        foreach (int gone in _known.Keys.Where(node => peers.All(peer => peer.Node != node)).ToList())
        {
            _known.Remove(gone);
        }

        List<PeerInfo> infos = [.. peers.Select(MakePeer)];
        RouteCompilation routes = RouteCompiler.Compile(
        [
            RoutesOf(self, NextHop.Local),
            .. peers.Zip(infos, (peer, info) => RoutesOf(peer.Node, NextHop.Peer(info.Index))),
        ]);
        return new MeshView(++_generation, infos, routes.Tables, routes.Conflicts);
    }

    private static NodeRoutes RoutesOf(int node, NextHop hop) => new(
        NodeIdentities.NameOf(node), hop, [new Prefix4(LabelledPacket.PrefixOf(node), 24)], []);

    private PeerInfo MakePeer(MeshPeer peer)
    {
        if (!_known.TryGetValue(peer.Node, out (int Index, WorkerSet Workers) known))
        {
            int index = 0;
            while (_known.Values.Any(other => other.Index == index))
            {
                index++;
            }

            known = (index, new WorkerSet());
            _known.Add(peer.Node, known);
            _entries[peer.Node] = EntriesOf(peer.Node) + 1;
        }

        return new PeerInfo(
            known.Index, NodeIdentities.NameOf(peer.Node), NodeIdentities.Of(peer.Node).PeerId, [peer.Address])
        {
            WorkersWithLane = known.Workers,
        };
    }
}

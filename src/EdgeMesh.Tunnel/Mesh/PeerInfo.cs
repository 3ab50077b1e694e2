using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.Tunnel.Mesh;

/// <summary>What the mesh document says of a remote node.</summary>
/// <param name="Index">Its number in every table of this process, for as long as the node stays in the mesh.</param>
/// <param name="Name">The node's name.</param>
/// <param name="Id">The key it must prove.</param>
/// <param name="Addresses">Where it can be dialed.</param>
public sealed record PeerInfo(int Index, string Name, PeerId Id, IReadOnlyList<Multiaddr> Addresses)
{
    /// <summary>
    /// Which workers have a lane to it that takes packets: the same object for as long as the node stays in the mesh.
    /// </summary>
    public WorkerSet WorkersWithLane { get; init; } = new();
}

using System.Collections.Generic;
using EdgeMesh.Addresses;
using EdgeMesh.ControlChannel.Messages;

namespace EdgeMesh.Dataplane.Mesh;

/// <summary>What the mesh document says of a remote node.</summary>
/// <param name="Index">Its number in every table of this process, for as long as the node stays in the mesh.</param>
/// <param name="Name">The node's name.</param>
/// <param name="Id">The key it must prove.</param>
/// <param name="Addresses">Underlay multiaddrs, in text.</param>
/// <param name="Prefixes">Pods of this node, as claimed; ambiguous ones are not routed.</param>
internal sealed record PeerInfo(
    int Index,
    string Name,
    PeerId Id,
    IReadOnlyList<string> Addresses,
    IReadOnlyList<IpPrefix> Prefixes)
{
    /// <summary>Which workers have a lane to it: the same object for as long as the node stays in the mesh.</summary>
    public LaneHolders Holders { get; init; } = new();
}

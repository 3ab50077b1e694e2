using EdgeMesh.Addresses;

namespace EdgeMesh.SimulationTests.Nodes;

/// <summary>A peer as a mesh document names it.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Address">Where it is dialed.</param>
public readonly record struct MeshPeer(int Node, Multiaddr Address);

using System.Net;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>An underlay multiaddr of a node.</summary>
/// <param name="Text">As written.</param>
/// <param name="Address">Its IP address; null if it has a DNS name.</param>
/// <param name="PeerId">The multihash of its trailing <c>/p2p/</c> component, if it has one.</param>
internal sealed record UnderlayAddress(string Text, IPAddress? Address, byte[]? PeerId);

using System.Collections.Generic;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>What one node serves.</summary>
/// <param name="Node">The node's name, for messages.</param>
/// <param name="NextHop">The peer, or <see cref="NextHop.Local"/> for ourselves.</param>
/// <param name="Prefixes4">Its IPv4 prefixes.</param>
/// <param name="Prefixes6">Its IPv6 prefixes.</param>
public sealed record NodeRoutes(
    string Node, NextHop NextHop, IReadOnlyList<Prefix4> Prefixes4, IReadOnlyList<Prefix6> Prefixes6);

using System;
using EdgeMesh.Addresses;

namespace EdgeMesh.Tunnel.Links;

/// <summary>How a node reaches its peers.</summary>
public sealed record LinkOptions
{
    /// <summary>This node's peer id.</summary>
    public required PeerId PeerId { get; init; }

    /// <summary>Jitter of back-offs.</summary>
    public required Random Random { get; init; }

    /// <summary>Addresses that are tried at once, over all peers; each holds a descriptor.</summary>
    public int AttemptsMax { get; init; } = DialSlots.AttemptsMaxDefault;

    /// <summary>Accepted connections whose handshake may be under way at once; each holds a descriptor.</summary>
    public int HandshakesMax { get; init; } = Handshakes.PendingMaxDefault;
}

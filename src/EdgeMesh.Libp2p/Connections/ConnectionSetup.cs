using System;
using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.Libp2p.Connections;

/// <summary>What is particular to one connection; what all of a host have in common is
/// <see cref="ConnectionOptions"/>.</summary>
public sealed record ConnectionSetup
{
    /// <summary>Where the peer is; identify tells it.</summary>
    public Multiaddr? RemoteAddress { get; init; }

    /// <summary>Our end. Identify tells its address in the place of one that says "all interfaces".</summary>
    public Multiaddr? LocalAddress { get; init; }

    /// <summary>What the transport knows of its far end; null: nothing but the bytes that it delivers.</summary>
    public TransportLiveness? Liveness { get; init; }

    /// <summary>Inline protocols: who takes the stream that the peer opens. A consumer takes exactly one stream; the
    /// peer's second stream of the protocol is reset.</summary>
    public IReadOnlyDictionary<string, InlineConsumer> Consumers { get; init; } =
        new Dictionary<string, InlineConsumer>(StringComparer.Ordinal);
}

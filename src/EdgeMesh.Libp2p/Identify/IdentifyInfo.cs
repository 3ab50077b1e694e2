using System;
using System.Collections.Generic;
using EdgeMesh.Addresses;

namespace EdgeMesh.Libp2p.Identify;

/// <summary>What a peer says about itself. Nothing of it is proven.</summary>
public sealed record IdentifyInfo
{
    /// <summary>Its public key as protobuf; null if it did not say.</summary>
    public ReadOnlyMemory<byte>? PublicKey { get; init; }

    /// <summary>Where it listens; null if it did not say. Addresses that we can't read are left out.</summary>
    public IReadOnlyList<Multiaddr>? ListenAddresses { get; init; }

    /// <summary>The protocols it serves; null if it did not say.</summary>
    public IReadOnlyList<string>? Protocols { get; init; }

    /// <summary>Where it sees us; null if it did not say, or unreadably.</summary>
    public Multiaddr? ObservedAddress { get; init; }

    /// <summary>The family of networks it belongs to.</summary>
    public string? ProtocolVersion { get; init; }

    /// <summary>Its software.</summary>
    public string? AgentVersion { get; init; }

    /// <summary>Its signed peer record (an envelope), as it came.</summary>
    public ReadOnlyMemory<byte>? SignedPeerRecord { get; init; }

    /// <summary>A push: what it doesn't name is unchanged.</summary>
    public IdentifyInfo With(IdentifyInfo push)
    {
        ArgumentNullException.ThrowIfNull(push);
        return new IdentifyInfo
        {
            PublicKey = push.PublicKey ?? PublicKey,
            ListenAddresses = push.ListenAddresses ?? ListenAddresses,
            Protocols = push.Protocols ?? Protocols,
            ObservedAddress = push.ObservedAddress ?? ObservedAddress,
            ProtocolVersion = push.ProtocolVersion ?? ProtocolVersion,
            AgentVersion = push.AgentVersion ?? AgentVersion,
            SignedPeerRecord = push.SignedPeerRecord ?? SignedPeerRecord,
        };
    }
}

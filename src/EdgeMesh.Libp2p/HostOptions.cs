using System.Collections.Generic;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Connections;

namespace EdgeMesh.Libp2p;

/// <summary>What a host says about itself and how its connections behave.</summary>
public sealed record HostOptions
{
    /// <summary>Protocols, limits and clock of its connections.</summary>
    public ConnectionOptions Connection { get; init; } = new();

    /// <summary>Where it listens, for identify.</summary>
    public IReadOnlyList<Multiaddr> ListenAddresses { get; init; } = [];

    /// <summary>The family of networks it belongs to.</summary>
    public string ProtocolVersion { get; init; } = "edgemesh/1.0.0";

    /// <summary>Its software.</summary>
    public string AgentVersion { get; init; } = "edgemesh-dataplane/" + ThisAssembly;

    private static string ThisAssembly => typeof(HostOptions).Assembly.GetName().Version?.ToString(3) ?? "0";
}

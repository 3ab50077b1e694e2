using System.Collections.Generic;

namespace EdgeMesh.ArchitectureTests;

/// <summary>The table of projects in the style guide, section 1. A row may be there before its project is.</summary>
internal static class ProjectTable
{
    /// <summary>Which projects a project may reference.</summary>
    public static IReadOnlyDictionary<string, string[]> References { get; } = new Dictionary<string, string[]>
    {
        ["Addresses"] = [],
        ["Packets"] = [],
        ["Noise"] = [],
        ["Native"] = [],
        ["Logging"] = [],
        ["State"] = [],
        ["ControlChannel"] = [],
        ["Kubernetes"] = [],
        ["Metrics"] = ["Logging"],
        ["Cluster"] = ["ControlChannel", "Addresses"],
        ["Forwarding"] = ["Packets"],
        ["Libp2p"] = ["Noise", "Addresses"],
        ["Underlay"] = ["Packets", "Addresses"],
        ["Tunnel"] = ["Underlay", "Forwarding", "Libp2p", "Packets", "Addresses", "Logging"],
        ["Io"] = ["Underlay", "Packets", "Native", "Addresses"],
        ["Dataplane"] =
        [
            "Tunnel", "Underlay", "Io", "Forwarding", "Libp2p", "ControlChannel", "Packets", "Addresses", "Logging",
            "State", "Metrics",
        ],
        ["ControlPlane"] =
            ["ControlChannel", "Native", "Addresses", "Logging", "State", "Kubernetes", "Cluster", "Metrics"],
        ["Cni"] = ["ControlChannel", "Native"],
        ["Cli"] = ["ControlChannel", "Kubernetes", "Cluster"],
    };

    /// <summary>
    /// Packages of the projects that take none, and of those that take one for a reason: Noise has X25519 from it.
    /// </summary>
    public static IReadOnlyDictionary<string, string[]> Packages { get; } = new Dictionary<string, string[]>
    {
        ["Addresses"] = [],
        ["Packets"] = [],
        ["Forwarding"] = [],
        ["Noise"] = ["BouncyCastle.Cryptography"],
    };
}

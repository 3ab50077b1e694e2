using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace EdgeMesh.ArchitectureTests;

/// <summary>The compiled product.</summary>
internal static class ProductAssemblies
{
    /// <summary>Libraries: what other projects are compiled against.</summary>
    public static IReadOnlyList<Assembly> Libraries { get; } =
    [
        .. new[]
        {
            "EdgeMesh.Addresses", "EdgeMesh.Logging", "EdgeMesh.Packets", "EdgeMesh.Noise", "EdgeMesh.Native",
            "EdgeMesh.ControlChannel", "EdgeMesh.Forwarding", "EdgeMesh.Libp2p", "EdgeMesh.Underlay", "EdgeMesh.Tunnel",
            "EdgeMesh.Io",
        }.Select(Assembly.Load),
    ];

    /// <summary>Processes.</summary>
    public static IReadOnlyList<Assembly> Processes { get; } =
        [.. new[] { "edgemesh-dataplane", "edgemesh-control", "edgemesh" }.Select(Assembly.Load)];

    /// <summary>All of them.</summary>
    public static IEnumerable<Assembly> All => Libraries.Concat(Processes);
}

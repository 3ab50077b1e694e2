using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Mono.Cecil;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>
/// What comes to a node over the seam, and from nowhere else: else the simulator runs another program than the kernel.
/// </summary>
public sealed class SeamTests
{
    // Types, and members of types that are otherwise fine.
    private static readonly string[] Banned =
    [
        "System.Net.Sockets.Socket", "System.Net.Sockets.NetworkStream", "System.Net.Dns", "System.IO.File",
        "System.Threading.Thread", "System.Threading.Timer", "System.Threading.PeriodicTimer",
        "System.Random..ctor", "System.Random.get_Shared",
        "System.Security.Cryptography.RandomNumberGenerator", "System.TimeProvider", "System.Diagnostics.Stopwatch",
        "System.DateTime.get_UtcNow", "System.DateTimeOffset.get_UtcNow", "System.Environment.get_TickCount64",
        "System.Threading.Tasks.Task.Delay", "System.Threading.Tasks.Task.Run",
    ];

    [Theory]
    [InlineData("EdgeMesh.Underlay")]
    [InlineData("EdgeMesh.Tunnel")]
    public void Sockets_threads_clocks_and_randomness_come_over_the_seam(string assembly)
    {
        Assembly? product = ProductAssemblies.All.FirstOrDefault(candidate => candidate.GetName().Name == assembly);
        Rule.Empty(
            product is null ? [] : UsedBy(product).Intersect(Banned),
            $"{assembly} takes loop, clock, randomness and devices from EdgeMesh.Underlay");
    }

    private static IEnumerable<string> UsedBy(Assembly assembly)
    {
        using var module = ModuleDefinition.ReadModule(assembly.Location);
        return
        [
            .. module.GetTypeReferences().Select(type => type.FullName),
            .. module.GetMemberReferences().Select(member => $"{member.DeclaringType.FullName}.{member.Name}"),
        ];
    }
}

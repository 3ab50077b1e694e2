using System.Collections.Generic;
using System.Linq;
using System.Reflection;

namespace EdgeMesh.ArchitectureTests;

/// <summary>The compiled product.</summary>
internal static class ProductAssemblies
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Repository.Projects.Where(project => project.IsProduct).Select(project =>
            Assembly.Load(project.AssemblyName)),
    ];

    /// <summary>Libraries: what other projects are compiled against.</summary>
    public static IEnumerable<Assembly> Libraries => All.Where(assembly => assembly.EntryPoint is null);
}

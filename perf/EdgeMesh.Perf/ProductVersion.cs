using System.Reflection;

namespace EdgeMesh.Perf;

/// <summary>The version of this program.</summary>
internal static class ProductVersion
{
    /// <summary>Version and commit.</summary>
    public static string Text { get; } =
        typeof(ProductVersion).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}

using System.Linq;
using System.Reflection;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Within a project, namespaces build on one another one way: a reader can begin at the bottom.</summary>
public sealed class NamespaceTests
{
    public static TheoryData<string> Assemblies =>
        [.. ProductAssemblies.All.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Namespaces_of_a_project_do_not_use_each_other_in_a_circle(string assembly) => Rule.Empty(
        new NamespaceGraph(Assembly.Load(assembly)).Cycles().SelectMany(cycle => cycle.Uses),
        $"namespaces of {assembly} use each other in a circle: move what both need below both");
}

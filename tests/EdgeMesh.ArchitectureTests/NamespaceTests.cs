using System.Collections.Generic;
using System.Linq;
using System.Reflection;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>Within a project, namespaces build on one another one way: a reader can begin at the bottom.</summary>
public sealed class NamespaceTests
{
    // Until the move: circles of before the rule, by assembly the namespaces in them. The list only shrinks.
    private static readonly Dictionary<string, string[]> Known = new()
    {
        ["EdgeMesh.Io"] = ["EdgeMesh.Io", "EdgeMesh.Io.Epoll", "EdgeMesh.Io.Rings", "EdgeMesh.Io.Sockets"],
    };

    public static TheoryData<string> Assemblies =>
        [.. ProductAssemblies.All.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Namespaces_of_a_project_do_not_use_each_other_in_a_circle(string assembly)
    {
        string[] known = Known.GetValueOrDefault(assembly, []);
        (string[] Namespaces, string[] Uses)[] cycles = [.. new NamespaceGraph(Assembly.Load(assembly)).Cycles()];
        Rule.Empty(
            cycles.Where(cycle => cycle.Namespaces.Except(known).Any()).SelectMany(cycle => cycle.Uses),
            $"namespaces of {assembly} use each other in a circle: move what both need below both");
        Rule.Empty(
            known.Except(cycles.SelectMany(cycle => cycle.Namespaces)),
            $"no longer in a circle: take it off the list of {assembly}");
    }
}

using System;
using System.IO;
using System.Linq;
using System.Reflection;
using PublicApiGenerator;
using Xunit;

namespace EdgeMesh.ArchitectureTests;

/// <summary>What each library offers to other projects, as text: a change of surface is a line in the diff.</summary>
/// <remarks>
/// A change that is meant is accepted by running these tests with EDGEMESH_ACCEPT_API=1, which writes PublicApi/*.txt
/// anew. Messages generated from .proto files are left out: the .proto is their contract.
/// </remarks>
public sealed class PublicApiTests
{
    private const string AcceptVariable = "EDGEMESH_ACCEPT_API";

    private const string GeneratedNamespace = "EdgeMesh.ControlChannel.Messages";

    /// <summary>Names of the libraries.</summary>
    public static TheoryData<string> Libraries =>
        [.. ProductAssemblies.Libraries.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Public_surface_is_as_recorded(string library)
    {
        var assembly = Assembly.Load(library);
        var options = new ApiGeneratorOptions
        {
            IncludeAssemblyAttributes = false,
            IncludeTypes = [.. assembly.GetExportedTypes().Where(type => type.Namespace != GeneratedNamespace)],
        };
        string actual = assembly.GeneratePublicApi(options).ReplaceLineEndings("\n").TrimEnd() + "\n";
        string path = Path.Combine(Repository.Root, "tests/EdgeMesh.ArchitectureTests/PublicApi", $"{library}.txt");
        if (Environment.GetEnvironmentVariable(AcceptVariable) == "1")
        {
            File.WriteAllText(path, actual);
            return;
        }

        string recorded = File.Exists(path) ? File.ReadAllText(path) : "";
        if (actual != recorded)
        {
            string[] before = recorded.Split('\n');
            string[] after = actual.Split('\n');
            Assert.Fail(
                $"The public surface of {library} changed. If that is meant, run these tests with {AcceptVariable}=1 "
                + "and commit PublicApi/; else make the member internal.\n"
                + string.Join('\n', before.Except(after).Select(line => $"- {line.Trim()}"))
                + "\n"
                + string.Join('\n', after.Except(before).Select(line => $"+ {line.Trim()}")));
        }
    }
}

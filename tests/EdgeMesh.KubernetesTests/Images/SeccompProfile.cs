using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using EdgeMesh.Lab;

namespace EdgeMesh.KubernetesTests.Images;

/// <summary>The profile that the chart puts on nodes: which system calls data plane and control process may make.
/// </summary>
internal sealed class SeccompProfile
{
    private SeccompProfile(JsonElement root)
    {
        Root = root;
        Allowed = Rules.Where(rule => rule.GetProperty("action").GetString() == "SCMP_ACT_ALLOW")
            .SelectMany(Names)
            .ToHashSet();
    }

    /// <summary>Where it is.</summary>
    public static string FilePath { get; } =
        Path.Combine(Repository.Root, "charts", "edgemesh", "files", "seccomp-dataplane.json");

    /// <summary>The whole document.</summary>
    public JsonElement Root { get; }

    /// <summary>Its rules.</summary>
    public IEnumerable<JsonElement> Rules => Root.GetProperty("syscalls").EnumerateArray();

    /// <summary>Names of system calls that are allowed, with whatever arguments.</summary>
    public IReadOnlySet<string> Allowed { get; }

    /// <summary>Reads it.</summary>
    public static SeccompProfile Read() => new(JsonDocument.Parse(File.ReadAllText(FilePath)).RootElement);

    /// <summary>The names of a rule.</summary>
    public static IEnumerable<string> Names(JsonElement rule) =>
        rule.GetProperty("names").EnumerateArray().Select(name => name.GetString()!);
}

using System;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>What a path of the Kubernetes API names.</summary>
/// <param name="Group">The API's group; empty: core.</param>
/// <param name="Namespace">The namespace; empty: all of them, or none.</param>
/// <param name="Plural">The resource: <c>pods</c>.</param>
/// <param name="Name">The object; empty: the collection.</param>
/// <param name="Subresource"><c>status</c>; empty: the object itself.</param>
internal sealed record ApiPath(string Group, string Namespace, string Plural, string Name, string Subresource)
{
    /// <summary>Group and resource, which name a collection.</summary>
    public string Collection => Group.Length == 0 ? Plural : $"{Group}/{Plural}";

    /// <summary>Parses a path.</summary>
    /// <returns>Null if it is none of a resource.</returns>
    public static ApiPath? Parse(string path)
    {
        string[] parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        int at = parts switch
        {
            ["api", _, ..] => 2,
            ["apis", _, _, ..] => 3,
            _ => parts.Length,
        };
        string group = at == 3 ? parts[1] : "";
        ReadOnlySpan<string> rest = parts.AsSpan(at);
        string ns = "";
        if (rest.Length >= 3 && rest[0] == "namespaces")
        {
            ns = rest[1];
            rest = rest[2..];
        }

        return rest.Length switch
        {
            1 => new ApiPath(group, ns, rest[0], "", ""),
            2 => new ApiPath(group, ns, rest[0], rest[1], ""),
            3 => new ApiPath(group, ns, rest[0], rest[1], rest[2]),
            _ => null,
        };
    }
}

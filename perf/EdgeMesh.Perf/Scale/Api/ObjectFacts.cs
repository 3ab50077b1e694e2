using System.Collections.Generic;

namespace EdgeMesh.Perf.Scale.Api;

/// <summary>What selectors ask of an object.</summary>
/// <param name="Namespace">Its namespace; empty: none.</param>
/// <param name="Name">Its name.</param>
internal sealed record ObjectFacts(string Namespace, string Name)
{
    private static readonly Dictionary<string, string> None = [];

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = None;

    /// <summary>Of a pod, its node; else empty.</summary>
    public string NodeName { get; init; } = "";

    /// <summary>Of a pod, its phase; else empty.</summary>
    public string Phase { get; init; } = "";

    /// <summary>A field that field selectors name; null: none that they may.</summary>
    public string? Field(string path) => path switch
    {
        "metadata.name" => Name,
        "metadata.namespace" => Namespace,
        "spec.nodeName" => NodeName,
        "status.phase" => Phase,
        _ => null,
    };
}

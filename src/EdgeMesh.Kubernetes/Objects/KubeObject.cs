using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>
/// What all objects of the API have. Only the fields that the mesh needs are declared; others are ignored.
/// </summary>
/// <remarks>
/// So an object that was read and is written back by PUT loses the fields that are not declared here: PUT only what
/// the mesh itself made, and PATCH everything else.
/// </remarks>
public abstract class KubeObject
{
    /// <summary>Group and version, <c>apps/v1</c>. The items of a list have none.</summary>
    [JsonPropertyOrder(-3)]
    public string? ApiVersion { get; set; }

    /// <summary>Kind, <c>DaemonSet</c>. The items of a list have none.</summary>
    [JsonPropertyOrder(-2)]
    public string? Kind { get; set; }

    /// <summary>Name, labels and versions.</summary>
    [JsonPropertyOrder(-1)]
    public KubeMetadata Metadata { get; set; } = new();

    /// <summary>What is wrong in what was read, though each value has the right type; null if nothing is.</summary>
    internal string? FindFault()
    {
        if (Metadata.Name.Length == 0)
        {
            return "field 'metadata.name' is missing";
        }

        return HasNull(Metadata.Labels?.Values) ? "a value in 'metadata.labels' is null" : FindOwnFault();
    }

    /// <summary>As <see cref="FindFault"/>, for the fields of one kind.</summary>
    private protected virtual string? FindOwnFault() => null;

    /// <summary>Is a value null that may not be? JSON can say so where the type can't.</summary>
    private protected static bool HasNull(IEnumerable<object?>? values)
    {
        foreach (object? value in values ?? [])
        {
            if (value is null)
            {
                return true;
            }
        }

        return false;
    }
}

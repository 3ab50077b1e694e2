using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>What all objects of the API have. Only the fields that the mesh needs are declared; others are ignored.</summary>
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
}

using System.Collections.Generic;
using System.Text.Json.Serialization;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>metadata</c> of an object.</summary>
public sealed class KubeMetadata
{
    private string? _key; // made once: whoever keeps it keeps one text

    /// <summary>Unique within its namespace and kind.</summary>
    public string Name
    {
        get;
        set
        {
            field = value;
            _key = null;
        }
    } = "";

    /// <summary>Null with objects of the whole cluster.</summary>
    public string? Namespace
    {
        get;
        set
        {
            field = value;
            _key = null;
        }
    }

    /// <summary>Which object of that name, given by the API server; never used again.</summary>
    public string? Uid { get; set; }

    /// <summary>The object's version; opaque, compared for equality only.</summary>
    public string? ResourceVersion { get; set; }

    /// <summary>Grows with each change of <c>spec</c>; 0 where the kind has none.</summary>
    public long Generation { get; set; }

    /// <summary>When it was made, RFC 3339: see <see cref="KubeTimestamp"/>.</summary>
    public string? CreationTimestamp { get; set; }

    /// <summary>Set while it is being deleted.</summary>
    public string? DeletionTimestamp { get; set; }

    /// <summary>Labels; null if there are none.</summary>
    public Dictionary<string, string>? Labels { get; set; }

    /// <summary>Annotations; null if there are none.</summary>
    public Dictionary<string, string>? Annotations { get; set; }

    /// <summary>Whose deletion deletes this too; null if nobody's.</summary>
    public List<KubeOwnerReference>? OwnerReferences { get; set; }

    /// <summary><c>namespace/name</c>, or the name alone.</summary>
    [JsonIgnore]
    public string Key => _key ??= KeyOf(Namespace, Name);

    /// <summary>The key of an object.</summary>
    /// <param name="ns">Its namespace, or null or empty.</param>
    /// <param name="name">Its name.</param>
    /// <returns><c>namespace/name</c>, or the name alone.</returns>
    public static string KeyOf(string? ns, string name) => string.IsNullOrEmpty(ns) ? name : $"{ns}/{name}";

    /// <summary>A label's value.</summary>
    /// <param name="label">Its key.</param>
    /// <returns>Null if there is none.</returns>
    public string? LabelOf(string label) => Labels?.GetValueOrDefault(label);
}

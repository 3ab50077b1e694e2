using System.Text.Json.Serialization.Metadata;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary>A kind of objects: where the API has them, and how they are read.</summary>
/// <typeparam name="T">The object.</typeparam>
public sealed class KubeResource<T>
    where T : KubeObject
{
    internal KubeResource(
        string group, string version, string plural, string kind, bool isNamespaced, JsonTypeInfo<T> json)
    {
        Group = group;
        Version = version;
        Plural = plural;
        Kind = kind;
        IsNamespaced = isNamespaced;
        Json = json;
    }

    /// <summary>API group; empty for the core group.</summary>
    public string Group { get; }

    /// <summary>Version of the group.</summary>
    public string Version { get; }

    /// <summary>Plural in lower case, as paths and RBAC rules have it.</summary>
    public string Plural { get; }

    /// <summary>Kind.</summary>
    public string Kind { get; }

    /// <summary>Does each object belong to a namespace?</summary>
    public bool IsNamespaced { get; }

    /// <summary><c>v1</c> or <c>apps/v1</c>.</summary>
    public string ApiVersion => Group.Length == 0 ? Version : $"{Group}/{Version}";

    /// <summary>How the object is read and written.</summary>
    internal JsonTypeInfo<T> Json { get; }

    /// <inheritdoc/>
    public override string ToString() => Group.Length == 0 ? Plural : $"{Plural}.{Group}";
}

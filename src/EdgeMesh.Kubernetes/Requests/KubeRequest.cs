using System;
using System.Text;
using EdgeMesh.Kubernetes.Objects;

namespace EdgeMesh.Kubernetes.Requests;

/// <summary>What is asked of the API, as paths, RBAC rules and messages have it.</summary>
/// <param name="Verb">get, list, watch, create, update, patch, delete.</param>
/// <param name="Group">API group; empty for the core group.</param>
/// <param name="Version">Version of the group.</param>
/// <param name="Plural">The kind, as in paths.</param>
/// <param name="Namespace">Namespace; null for all, and for objects of the whole cluster.</param>
/// <param name="Name">Name; null for all.</param>
internal readonly record struct KubeRequest(
    string Verb, string Group, string Version, string Plural, string? Namespace, string? Name)
{
    internal static KubeRequest To<T>(string verb, KubeResource<T> resource, string? ns, string? name)
        where T : KubeObject
    {
        string? within = resource.IsNamespaced && !string.IsNullOrEmpty(ns) ? ns : null;
        if (within is null && resource.IsNamespaced && verb is not ("list" or "watch"))
        {
            throw new ArgumentException($"{resource.Kind} has a namespace: name it", nameof(ns));
        }

        if (name is { Length: 0 })
        {
            throw new ArgumentException($"a {resource.Kind} without a name can't be asked for", nameof(name));
        }

        return new KubeRequest(verb, resource.Group, resource.Version, resource.Plural, within, name);
    }

    /// <summary>The path, without a leading slash: it may follow a path of the server's own.</summary>
    internal string Path
    {
        get
        {
            var path = new StringBuilder(Group.Length == 0 ? "api/" : $"apis/{Group}/").Append(Version);
            if (Namespace is not null)
            {
                path.Append("/namespaces/").Append(Uri.EscapeDataString(Namespace));
            }

            path.Append('/').Append(Plural);
            if (Name is not null)
            {
                path.Append('/').Append(Uri.EscapeDataString(Name));
            }

            return path.ToString();
        }
    }

    /// <summary>The RBAC rule that allows this.</summary>
    internal string Rule => $"apiGroups: [\"{Group}\"], resources: [\"{Plural}\"], verbs: [\"{Verb}\"]";

    /// <inheritdoc/>
    public override string ToString()
    {
        string what = Group.Length == 0 ? Plural : $"{Plural}.{Group}";
        string which = Name is null ? what : $"{what}/{Name}";
        return Namespace is null ? $"{Verb} {which}" : $"{Verb} {which} in namespace {Namespace}";
    }
}

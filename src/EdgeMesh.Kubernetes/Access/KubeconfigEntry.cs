using System;
using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>A cluster, user or context of a kubeconfig: its settings as text.</summary>
internal sealed class KubeconfigEntry
{
    /// <summary>Single values by key; empty ones are left out, as kubectl treats them as not set.</summary>
    internal Dictionary<string, string> Values { get; } = new(StringComparer.Ordinal);

    /// <summary>Keys whose values are lists or mappings.</summary>
    internal HashSet<string> Mappings { get; } = new(StringComparer.Ordinal);

    internal string? this[string key] => Values.GetValueOrDefault(key);

    internal bool Has(string key) => Values.ContainsKey(key) || Mappings.Contains(key);
}

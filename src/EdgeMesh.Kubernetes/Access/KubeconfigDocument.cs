using System;
using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Access;

/// <summary>What a kubeconfig says. Of two entries with one name the first counts, as with kubectl.</summary>
internal sealed class KubeconfigDocument
{
    internal string CurrentContext { get; set; } = "";

    internal Dictionary<string, KubeconfigEntry> Clusters { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, KubeconfigEntry> Users { get; } = new(StringComparer.Ordinal);

    internal Dictionary<string, KubeconfigEntry> Contexts { get; } = new(StringComparer.Ordinal);
}

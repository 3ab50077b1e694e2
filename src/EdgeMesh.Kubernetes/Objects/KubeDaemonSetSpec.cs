using System.Text.Json.Nodes;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>spec</c> of a DaemonSet: read, changed and written back with every field it has.</summary>
public sealed class KubeDaemonSetSpec
{
    /// <summary>Which pods are its own.</summary>
    public JsonObject? Selector { get; set; }

    /// <summary>The pods to make.</summary>
    public JsonObject? Template { get; set; }

    /// <summary>How pods are replaced.</summary>
    public JsonObject? UpdateStrategy { get; set; }
}

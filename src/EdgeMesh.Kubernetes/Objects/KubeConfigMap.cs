using System.Collections.Generic;

namespace EdgeMesh.Kubernetes.Objects;

/// <summary><c>v1 ConfigMap</c>: up to 1 MiB of texts and bytes.</summary>
public sealed class KubeConfigMap : KubeObject
{
    /// <summary>May it never be changed again?</summary>
    public bool? Immutable { get; set; }

    /// <summary>Texts; null if there are none.</summary>
    public Dictionary<string, string>? Data { get; set; }

    /// <summary>Bytes; null if there are none.</summary>
    public Dictionary<string, byte[]>? BinaryData { get; set; }

    private protected override string? FindOwnFault() =>
        HasNull(Data?.Values) ? "a value in 'data' is null"
        : HasNull(BinaryData?.Values) ? "a value in 'binaryData' is null"
        : null;
}

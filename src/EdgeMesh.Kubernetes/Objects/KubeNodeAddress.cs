namespace EdgeMesh.Kubernetes.Objects;

/// <summary>An address of a node.</summary>
public sealed class KubeNodeAddress
{
    /// <summary>InternalIP, ExternalIP, Hostname, InternalDNS, ExternalDNS.</summary>
    public string Type { get; set; } = "";

    /// <summary>The address.</summary>
    public string Address { get; set; } = "";
}

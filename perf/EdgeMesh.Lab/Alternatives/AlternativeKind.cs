namespace EdgeMesh.Lab.Alternatives;

/// <summary>What carries packets between the nodes of a lab.</summary>
public enum AlternativeKind
{
    /// <summary>The kernel's routes, without a tunnel: what all others are compared with.</summary>
    Plain,

    /// <summary>This product, or another build of it.</summary>
    EdgeMesh,

    /// <summary>The kernel's VXLAN: a tunnel without encryption.</summary>
    Vxlan,

    /// <summary>WireGuard in user space, by Debian's <c>wireguard-go</c>.</summary>
    WireGuard,

    /// <summary>Debian's <c>nebula</c>.</summary>
    Nebula,
}

using System.Net;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane;

/// <summary>Options of <c>edgemesh-control run</c>. One of the sources is set.</summary>
/// <param name="Node">Name of this node.</param>
/// <param name="MeshPath">mesh.yaml; null: the desired state comes from a cluster.</param>
/// <param name="Kubernetes">How to reach the cluster; null: the desired state comes from mesh.yaml.</param>
/// <param name="SocketPath">The data plane's control socket.</param>
/// <param name="StateDirectory">Where generation and last good document are kept; null: nowhere.</param>
/// <param name="Tun">Name of the TUN link.</param>
/// <param name="SysctlRoot">Where the kernel shows its settings, usually /proc/sys.</param>
/// <param name="Level">Least important level to log.</param>
internal sealed record RunOptions(
    string Node,
    string? MeshPath,
    KubernetesOptions? Kubernetes,
    string SocketPath,
    string? StateDirectory,
    string Tun,
    string SysctlRoot,
    LogLevel Level)
{
    /// <summary>Where probes and Prometheus ask; null: nowhere.</summary>
    internal IPEndPoint? Health { get; init; }
}

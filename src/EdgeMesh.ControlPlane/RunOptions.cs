using EdgeMesh.Logging;

namespace EdgeMesh.ControlPlane;

/// <summary>Options of <c>edgemesh-control run</c>.</summary>
/// <param name="Node">Name of this node.</param>
/// <param name="MeshPath">mesh.yaml.</param>
/// <param name="SocketPath">The data plane's control socket.</param>
/// <param name="StateDirectory">Where generation and last good document are kept; null: nowhere.</param>
/// <param name="Tun">Name of the TUN link.</param>
/// <param name="Level">Least important level to log.</param>
internal sealed record RunOptions(
    string Node, string MeshPath, string SocketPath, string? StateDirectory, string Tun, LogLevel Level);

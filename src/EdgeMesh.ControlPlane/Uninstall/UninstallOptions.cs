using System;

namespace EdgeMesh.ControlPlane.Uninstall;

/// <summary>Options of <c>edgemesh-control uninstall</c>.</summary>
/// <param name="Namespace">The release's namespace.</param>
/// <param name="DaemonSet">The agents' DaemonSet.</param>
/// <param name="TimeMax">How long all of it may take; nodes that have not answered by then are named.</param>
/// <param name="Kubeconfig">The way to the API; null: the pod's service account.</param>
internal sealed record UninstallOptions(string Namespace, string DaemonSet, TimeSpan TimeMax, string? Kubeconfig);

using System.Net;

namespace EdgeMesh.ControlPlane.Controller;

/// <summary>Options of <c>edgemesh-control controller</c>.</summary>
/// <param name="SettingsPath">The settings file; watched.</param>
/// <param name="Namespace">Namespace of the mesh's objects.</param>
/// <param name="Identity">Who this is in the election.</param>
/// <param name="Kubeconfig">The way to the API; null: the pod's service account.</param>
/// <param name="Health">Where probes ask; null: nowhere.</param>
internal sealed record ControllerOptions(
    string SettingsPath, string Namespace, string Identity, string? Kubeconfig, IPEndPoint? Health);

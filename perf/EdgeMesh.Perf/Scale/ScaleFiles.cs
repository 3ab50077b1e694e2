using System.Globalization;
using System.IO;

namespace EdgeMesh.Perf.Scale;

/// <summary>The files that the processes of a run are started with.</summary>
internal static class ScaleFiles
{
    /// <summary>Writes a kubeconfig for a port of the stand-in.</summary>
    /// <returns>Its path.</returns>
    public static string Kubeconfig(string directory, int port)
    {
        string path = Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"kubeconfig-{port}"));
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"""
            apiVersion: v1
            kind: Config
            clusters:
              - name: simulation
                cluster:
                  server: http://127.0.0.1:{port}
            users:
              - name: anybody
                user:
                  token: none
            contexts:
              - name: simulation
                context:
                  cluster: simulation
                  user: anybody
                  namespace: {ScalePlan.Namespace}
            current-context: simulation

            """));
        return path;
    }

    /// <summary>Writes the controller's settings.</summary>
    /// <returns>Their path.</returns>
    public static string Settings(string directory, ScalePlan plan)
    {
        string path = Path.Combine(directory, "edgemesh-agent.yaml");
        File.WriteAllText(path, $"""
            apiVersion: edgemesh.io/v1alpha1
            kind: MeshSettings
            cloudCIDR: [{string.Join(", ", plan.CloudEntries)}]
            edgeCIDR: [{string.Join(", ", plan.EdgeEntries)}]
            relayNodes: []
            listenPort: {ScalePlan.ListenPort}
            trust: pin
            clusterId: ""

            """);
        return path;
    }
}

using System.Buffers;
using System.Globalization;
using System.Linq;

namespace EdgeMesh.Perf.Scale;

/// <summary>Nodes as an API server writes them: about 6 KiB each, most of it images and conditions.</summary>
internal static class NodeJson
{
    private const int Images = 30;

    private static readonly TextTemplate Template = new(
        """
        {
          "metadata": {
            "name": "$0$", "uid": "7d3e1c5a-4b6f-4d2e-9c8b-000000$2$", "resourceVersion": "$1$",
            "creationTimestamp": "2026-09-01T08:00:00Z",
            "labels": { "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
              "kubernetes.io/arch": "amd64", "kubernetes.io/hostname": "$0$", "kubernetes.io/os": "linux",
              "node-role.kubernetes.io/edge": "", "topology.kubernetes.io/zone": "site-$4$" },
            "annotations": { "node.alpha.kubernetes.io/ttl": "300",
              "volumes.kubernetes.io/controller-managed-attach-detach": "true" }
          },
          "spec": { "taints": [] },
          "status": {
            "capacity": { "cpu": "4", "ephemeral-storage": "101430960Ki", "memory": "8145212Ki", "pods": "110" },
            "allocatable": { "cpu": "4", "ephemeral-storage": "93478772582", "memory": "8042812Ki", "pods": "110" },
            "conditions": [
              { "type": "MemoryPressure", "status": "False", "lastHeartbeatTime": "2026-11-01T08:00:00Z",
                "reason": "KubeletHasSufficientMemory", "message": "kubelet has sufficient memory available" },
              { "type": "DiskPressure", "status": "False", "lastHeartbeatTime": "2026-11-01T08:00:00Z",
                "reason": "KubeletHasNoDiskPressure", "message": "kubelet has no disk pressure" },
              { "type": "PIDPressure", "status": "False", "lastHeartbeatTime": "2026-11-01T08:00:00Z",
                "reason": "KubeletHasSufficientPID", "message": "kubelet has sufficient PID available" },
              { "type": "Ready", "status": "True", "lastHeartbeatTime": "2026-11-01T08:00:00Z",
                "reason": "KubeletReady", "message": "kubelet is posting ready status" } ],
            "addresses": [ { "type": "InternalIP", "address": "$3$" }, { "type": "Hostname", "address": "$0$" } ],
            "daemonEndpoints": { "kubeletEndpoint": { "Port": 10250 } },
            "nodeInfo": { "machineID": "8f1d6c5b4a39281706f5e4d3c2b1a09f", "kernelVersion": "6.1.0-28-amd64",
              "osImage": "Debian GNU/Linux 12 (bookworm)", "containerRuntimeVersion": "containerd://1.7.24",
              "kubeletVersion": "v1.32.3", "kubeProxyVersion": "v1.32.3", "operatingSystem": "linux",
              "architecture": "amd64" },
            "images": [ IMAGES ]
          }
        }
        """.Replace("IMAGES", string.Join(", ", Enumerable.Range(0, Images).Select(Image)),
            System.StringComparison.Ordinal));

    /// <summary>Writes a node.</summary>
    /// <param name="node">Its number.</param>
    /// <param name="version">Its resourceVersion.</param>
    /// <param name="output">Where to.</param>
    public static void Write(int node, long version, IBufferWriter<byte> output) => Template.Write(
        output, ScalePlan.NodeName(node), version.ToString(CultureInfo.InvariantCulture),
        node.ToString("x6", CultureInfo.InvariantCulture), ScalePlan.Underlay(node),
        ScalePlan.SiteOf(node).ToString(CultureInfo.InvariantCulture));

    private static string Image(int number) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        { "names": [
            "registry.example.com/team/image-{{number:00}}@sha256:{{new string((char)('a' + (number % 6)), 64)}}",
          "registry.example.com/team/image-{{number:00}}:v1" ], "sizeBytes": 4{{number:00}}12345 }
        """);
}

using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using EdgeMesh.Lab.Mesh;
using EdgeMesh.Lab.Networks;
using EdgeMesh.Lab.Running;

namespace EdgeMesh.Lab.Kubernetes;

/// <summary>The pods of tests: deployments of the tools image, each bound to a node or to none.</summary>
/// <param name="cluster">Where.</param>
public sealed class ClusterPods(LabCluster cluster)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>The deployment bound to a node.</summary>
    public static string On(ClusterNode node) => "pods-" + node.Plan.Role;

    /// <summary>Has each node hold so many pods of its own deployment, and waits until they run.</summary>
    public async Task<IReadOnlyList<PodPlace>> ScaleAsync(int cloud, int edgeA, int edgeB)
    {
        int[] counts = [cloud, edgeA, edgeB];
        await cluster.ApplyAsync(string.Join(
            "\n---\n", cluster.Nodes.Select((node, i) => Manifest(On(node), counts[i], node.Name))));
        return await SettledAsync();
    }

    /// <summary>Has the cluster hold a deployment of so many pods that may be anywhere.</summary>
    public async Task<IReadOnlyList<PodPlace>> ScaleAnywhereAsync(int count)
    {
        await cluster.ApplyAsync(Manifest("anywhere", count, node: null));
        return await SettledAsync();
    }

    /// <summary>Takes all pods away, and waits until nothing of them is left on any node.</summary>
    public async Task ClearAsync()
    {
        await ScaleAsync(0, 0, 0);
        (await cluster.KubectlAsync(
            ["wait", "--for=delete", "pod", "-l", "lab=pods", "--timeout=120s"], null, TimeSpan.FromSeconds(130)))
            .OrThrow();
    }

    /// <summary>Waits until all deployments have the pods they ask for, and no others but such as are ending.</summary>
    /// <returns>All pods, in their places.</returns>
    public async Task<IReadOnlyList<PodPlace>> SettledAsync()
    {
        IReadOnlyList<PodPlace> places = [];
        string last = "";
        bool isSettled = await Eventually.IsTrueAsync(
            async () =>
            {
                CommandResult answer = await cluster.KubectlAsync(
                    "get", "deployments,pods", "-l", "lab=pods", "-o", "json");
                IReadOnlyList<CliView> items = CliView.Parse(answer.OrThrow().Output).Items("items");
                long wanted = items.Where(item => item.Text("kind") == "Deployment")
                    .Sum(item => item.Child("spec").Count("replicas"));
                List<CliView> pods =
                [
                    .. items.Where(item =>
                        item.Text("kind") == "Pod" && !item.Child("metadata").Has("deletionTimestamp")),
                ];
                places = [.. pods.Select(Place).OfType<PodPlace>()];
                last = $"{places.Count} of {pods.Count} pods run, {wanted} are wanted";
                return pods.Count == wanted && places.Count == wanted;
            },
            Patience);
        return isSettled
            ? places
            : throw new LabException(
                last + "\n" + (await cluster.KubectlAsync("get", "pods,events", "-o", "wide")).Output);
    }

    /// <summary>A pod as the API gives it, in its place; null while it does not run.</summary>
    public PodPlace? Place(CliView pod)
    {
        CliView status = pod.Child("status");
        if (status.Text("phase") != "Running" || !status.Has("podIPs") ||
            pod.Child("metadata").Has("deletionTimestamp"))
        {
            return null;
        }

        string name = pod.Child("metadata").Text("name");
        string uid = pod.Child("metadata").Text("uid");
        ClusterNode node = cluster.Node(pod.Child("spec").Text("nodeName"));
        List<IPAddress> addresses = [.. status.Items("podIPs").Select(address => IPAddress.Parse(address.Text("ip")))];
        return node.PodNetwork(uid, name) is { } network && addresses.TrueForAll(address => IsThere(network, address))
            ? new PodPlace(name, uid, node, addresses, network)
            : null;
    }

    // After a reboot the API tells the old addresses, and a pod that ended is told as running, until the kubelet has
    // looked.
    private static bool IsThere(LabNamespace network, IPAddress address)
    {
        try
        {
            network.BindUdp(new IPEndPoint(address, 0)).Dispose();
            return true;
        }
        catch (Exception gone) when (gone is SocketException or LabException or IOException)
        {
            return false;
        }
    }

    private static string Manifest(string name, int count, string? node) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: {{name}}, labels: {lab: pods} }
        spec:
          replicas: {{count}}
          selector: {matchLabels: {lab: pods, app: {{name}} } }
          template:
            metadata: {labels: {lab: pods, app: {{name}} } }
            spec:
              terminationGracePeriodSeconds: 1
              {{(node is null ? "" : $"nodeSelector: {{kubernetes.io/hostname: {node}}}")}}
              automountServiceAccountToken: false
              containers: [{name: tools, image: "{{LabCluster.ToolsImage}}", imagePullPolicy: Never}]
        """);
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using k8s;
using k8s.Models;
using Xunit;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The mesh's objects in the API, looked at from outside.</summary>
internal static class MeshObjects
{
    /// <summary>The index's name.</summary>
    public const string Index = "edgemesh-mesh";

    /// <summary>The index's key.</summary>
    public const string IndexKey = "mesh.json";

    /// <summary>Reads the index.</summary>
    public static async Task<CliView> IndexAsync(ClusterFixture fixture) => CliView.Parse(
        (await fixture.Client.CoreV1.ReadNamespacedConfigMapAsync(Index, HelmRelease.Namespace)).Data[IndexKey]);

    /// <summary>Fails unless each shard that the index names is there and is what the index says.</summary>
    public static async Task AssertConsistentAsync(ClusterFixture fixture)
    {
        string last = "";
        // A controller may be writing just now: between two generations old shards may already be others.
        bool isConsistent = await Eventually.IsTrueAsync(
            async () =>
            {
                CliView index = await IndexAsync(fixture);
                foreach (CliView shard in index.Items("shards"))
                {
                    V1ConfigMap map = await fixture.Client.CoreV1.ReadNamespacedConfigMapAsync(
                        shard.Text("name"), HelmRelease.Namespace);
                    byte[] bytes = map.BinaryData.Values.Single();
                    string hash = Convert.ToHexStringLower(SHA256.HashData(bytes));
                    if (!string.Equals(hash, shard.Text("sha256"), StringComparison.OrdinalIgnoreCase))
                    {
                        last = $"{shard.Text("name")} is {hash}, and the index says {shard.Text("sha256")}";
                        return false;
                    }
                }

                return index.Items("shards").Count > 0;
            },
            TimeSpan.FromSeconds(30));
        Assert.True(isConsistent, last);
    }

    /// <summary>The reasons of events that the controller recorded about nodes, with their sentences.</summary>
    public static async Task<IReadOnlyList<string>> EventsAsync(ClusterFixture fixture) =>
    [
        .. (await fixture.Client.CoreV1.ListNamespacedEventAsync("default")).Items
            .Where(item => item.InvolvedObject.Kind == "Node" &&
                (item.ReportingComponent == "edgemesh-controller" || item.Source?.Component == "edgemesh-controller"))
            .Select(item => item.Reason + ": " + item.Message),
    ];
}

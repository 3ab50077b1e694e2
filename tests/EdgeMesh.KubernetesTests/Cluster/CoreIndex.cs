using System;
using System.Linq;
using System.Security.Cryptography;
using System.Threading.Tasks;
using EdgeMesh.Lab.Kubernetes;
using EdgeMesh.Lab.Mesh;
using k8s;
using k8s.Models;

namespace EdgeMesh.KubernetesTests.Cluster;

/// <summary>The mesh's index in the API, as somebody might change it who may write everything.</summary>
internal sealed class CoreIndex
{
    private readonly ClusterFixture _fixture;
    private readonly V1ConfigMap _map;

    private CoreIndex(ClusterFixture fixture, V1ConfigMap map)
    {
        _fixture = fixture;
        _map = map;
    }

    /// <summary>The cluster it names.</summary>
    public string Cluster => View.Text("cluster");

    private CliView View => CliView.Parse(_map.Data[MeshObjects.IndexKey]);

    private string Shard => View.Items("shards")[0].Text("name");

    public static async Task<CoreIndex> ReadAsync(ClusterFixture fixture) => new(
        fixture,
        await fixture.Client.CoreV1.ReadNamespacedConfigMapAsync(MeshObjects.Index, HelmRelease.Namespace));

    /// <summary>Writes another text, of a generation that is one more.</summary>
    public async Task ChangeAsync(Func<string, string> change)
    {
        long generation = View.Count("generation");
        string text = _map.Data[MeshObjects.IndexKey].Replace(
            $"\"generation\":{generation}", $"\"generation\":{generation + 1}", StringComparison.Ordinal);
        _map.Data[MeshObjects.IndexKey] = change(text);
        await _fixture.Client.CoreV1.ReplaceNamespacedConfigMapAsync(_map, MeshObjects.Index, HelmRelease.Namespace);
    }

    /// <summary>Changes the first shard, and the index, with the right hash or the old one.</summary>
    public async Task ChangeShardAsync(Func<byte[], byte[]> change, bool isHashRight)
    {
        V1ConfigMap shard = await _fixture.Client.CoreV1.ReadNamespacedConfigMapAsync(Shard, HelmRelease.Namespace);
        string key = shard.BinaryData.Keys.Single();
        string old = Convert.ToHexStringLower(SHA256.HashData(shard.BinaryData[key]));
        shard.BinaryData[key] = change(shard.BinaryData[key]);
        string now = Convert.ToHexStringLower(SHA256.HashData(shard.BinaryData[key]));
        await _fixture.Client.CoreV1.ReplaceNamespacedConfigMapAsync(shard, Shard, HelmRelease.Namespace);
        await ChangeAsync(text => isHashRight ? text.Replace(old, now, StringComparison.OrdinalIgnoreCase) : text);
    }

    /// <summary>Deletes the index.</summary>
    public Task DeleteAsync() =>
        _fixture.Client.CoreV1.DeleteNamespacedConfigMapAsync(MeshObjects.Index, HelmRelease.Namespace);

    /// <summary>Deletes the first shard, and counts the index up.</summary>
    public async Task DeleteShardAsync()
    {
        await _fixture.Client.CoreV1.DeleteNamespacedConfigMapAsync(Shard, HelmRelease.Namespace);
        await ChangeAsync(text => text);
    }
}

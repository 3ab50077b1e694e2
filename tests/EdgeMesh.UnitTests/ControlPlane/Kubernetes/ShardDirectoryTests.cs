using System;
using System.IO;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using EdgeMesh.ControlPlane.DesiredState;
using EdgeMesh.ControlPlane.Sources.Kubernetes;
using EdgeMesh.Logging;
using EdgeMesh.UnitTests.Cluster;
using EdgeMesh.UnitTests.ControlChannel;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane.Kubernetes;

/// <summary>Shards as the kubelet mounts them: files are links through <c>..data</c>, which is swapped at
/// once.</summary>
public sealed class ShardDirectoryTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly FakeCluster _cluster = new();
    private readonly DesiredMesh _desired = new(null, StructuredLog.None);
    private readonly ProblemBoard _board = new();
    private readonly ShardDirectorySource _source;
    private int _version;

    public ShardDirectoryTests() => _source = new ShardDirectorySource(
        _directory.Path,
        new ShardIntake(
            "a", _desired, new SharedValue<DataplaneFacts>(), new SharedValue<SourceState>(), _board,
            StructuredLog.None),
        _board,
        StructuredLog.None);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Each_swap_of_the_volume_is_followed()
    {
        for (int i = 1; i <= 3; i++)
        {
            ulong generation = Publish(SampleMeshes.Node("a", (byte)i));
            Mount();
            _source.Look();
            Assert.Equal(generation, _desired.Read().Document!.Generation);
            Assert.Equal(ClusterNames.SourceOf(FakeCluster.Id), _desired.Read().Document!.Source);
            Assert.Empty(_board.Read().Problems);
        }
    }

    [Fact]
    public void An_empty_or_missing_directory_is_told_and_changes_nothing()
    {
        ulong generation = Publish(SampleMeshes.Node("a", 1));
        Mount();
        _source.Look();
        Directory.Delete(_directory.Path, recursive: true);
        _source.Look();
        Assert.NotEmpty(_board.Read().Problems);
        Directory.CreateDirectory(_directory.Path);
        _source.Look();
        Assert.NotEmpty(_board.Read().Problems);
        Assert.Equal(generation, _desired.Read().Document!.Generation);
    }

    [Theory]
    [InlineData("mesh.json", 0)]
    [InlineData("mesh.json", 20)]
    [InlineData("mesh.json", 2_000_000)]
    [InlineData("edgemesh-mesh-b-0", 0)]
    [InlineData("edgemesh-mesh-b-0", 20)]
    [InlineData("edgemesh-mesh-b-0", 2_000_000)]
    public void A_file_cut_or_overgrown_is_told_and_what_was_in_force_stays(string file, int length)
    {
        ulong first = Publish(SampleMeshes.Node("a", 1));
        Mount();
        _source.Look();
        ulong second = Publish(SampleMeshes.Node("a", 2));
        Mount((file, length));
        _source.Look();
        Assert.Equal(first, _desired.Read().Document!.Generation);
        Assert.NotEmpty(_board.Read().Problems);
        Mount();
        _source.Look();
        Assert.Equal(second, _desired.Read().Document!.Generation);
        Assert.Empty(_board.Read().Problems);
    }

    [Fact]
    public void A_mesh_of_another_cluster_is_told_and_not_taken()
    {
        ulong generation = Publish(SampleMeshes.Node("a", 1));
        Mount();
        _source.Look();
        var other = ShardWriter.Resume("other", []);
        MeshDocument content = SampleMeshes.Document(0, SampleMeshes.Node("a", 2));
        foreach (ClusterObject write in other.Plan(content, 0, _cluster.Wall.AddDays(1), default)!.Writes)
        {
            _cluster.Put(write);
        }

        Mount();
        _source.Look();
        Assert.Equal(generation, _desired.Read().Document!.Generation);
        Assert.Contains(
            _board.Read().Problems, problem => problem.Contains("of cluster other", StringComparison.Ordinal));
    }

    private ulong Publish(params MeshNode[] nodes) =>
        _cluster.Publish(SampleMeshes.Document(0, nodes))!.Document.Generation;

    private void Mount((string File, int Length)? spoiled = null)
    {
        string data = Directory.CreateDirectory(_directory.File($"..{++_version}")).FullName;
        foreach (ClusterObject known in _cluster.Objects)
        {
            foreach ((string key, byte[] bytes) in known.BinaryData.Concat(known.Data.Select(
                pair => new System.Collections.Generic.KeyValuePair<string, byte[]>(
                    pair.Key, System.Text.Encoding.UTF8.GetBytes(pair.Value)))))
            {
                byte[] written = (byte[])bytes.Clone();
                if (spoiled is { } wrong && wrong.File == key)
                {
                    Array.Resize(ref written, wrong.Length);
                }

                File.WriteAllBytes(Path.Combine(data, key), written);
                string link = _directory.File(key);
                if (!File.Exists(link) && new FileInfo(link).LinkTarget is null)
                {
                    File.CreateSymbolicLink(link, Path.Combine("..data", key));
                }
            }
        }

        File.Delete(_directory.File("..data"));
        Directory.CreateSymbolicLink(_directory.File("..data"), Path.GetFileName(data));
    }
}

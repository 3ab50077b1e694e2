using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.UnitTests.Cluster;

/// <summary>Objects that are not as they should be: each is told in a sentence, and the last good document
/// stays.</summary>
public sealed class ShardFaultTests
{
    private static readonly Dictionary<string, string> NoLabels = [];

    private readonly MeshHistory _history = new(21, 700);
    private readonly FakeCluster _cluster = new();
    private readonly ShardReader _reader;
    private readonly MeshDocument _good;

    public ShardFaultTests()
    {
        _cluster.Publish(_history.Next());
        _reader = _cluster.Read();
        _good = _reader.Document!;
    }

    [Theory]
    [InlineData("\"schema\":1", "\"schema\":2", "has schema 2")]
    [InlineData("\"schema\":1", "\"schema\":\"1\"", "is not the JSON it should be")]
    [InlineData(FakeCluster.Id, "other", "is of cluster other")]
    [InlineData(FakeCluster.Id, "", "names no cluster")]
    [InlineData("\"slot\":\"b\"", "\"slot\":\"c\"", "slot other than a or b")]
    [InlineData("edgemesh-mesh-b-0", "edgemesh-mesh-a-0", "where shard edgemesh-mesh-b-0")]
    [InlineData("}", "", "is not the JSON it should be")]
    public void A_bad_index_is_refused(string part, string instead, string expected)
    {
        ClusterObject index = Next().Writes[^1];
        string text = index.Data[ClusterNames.IndexKey];
        Assert.Contains(part, text, StringComparison.Ordinal);
        _reader.Handle(ClusterObject.OfText(
            ClusterNames.Index, NoLabels, ClusterNames.IndexKey,
            text.Replace(part, instead, StringComparison.Ordinal)));
        AssertRefused(expected);
        _reader.Handle(index); // the next good one ends it
        Assert.Empty(_reader.Problems);
    }

    [Fact]
    public void An_index_cut_anywhere_is_refused()
    {
        string text = Next().Writes[^1].Data[ClusterNames.IndexKey];
        for (int length = 0; length < text.Length; length++)
        {
            _reader.Handle(ClusterObject.OfText(ClusterNames.Index, NoLabels, ClusterNames.IndexKey, text[..length]));
            AssertRefused("index");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(-1)]
    [InlineData(ClusterLimits.ShardBytesMax + 1)]
    public void A_shard_of_another_length_is_refused_until_the_right_one_comes(int length)
    {
        ShardPlan plan = Next();
        byte[] right = plan.Writes[^2].BinaryData.Values.Single();
        byte[] wrong = new byte[length < 0 ? right.Length - 1 : length];
        right.AsSpan(0, Math.Min(right.Length, wrong.Length)).CopyTo(wrong);
        _reader.Handle(plan.Writes[^1]);
        _reader.Handle(ClusterObject.OfBytes(plan.Writes[^2].Name, NoLabels, wrong));
        AssertRefused("shard");
        _reader.Handle(plan.Writes[^2]);
        Assert.NotSame(_good, _reader.Document);
        Assert.Empty(_reader.Problems);
    }

    [Fact]
    public void Shards_that_agree_with_their_index_and_hold_another_cluster_s_document_are_refused()
    {
        MeshDocument foreign = _history.Next();
        foreign.Source = ClusterNames.SourceOf("other");
        foreign.Generation = _good.Generation + 1;
        byte[] piece = ShardCodec.Encode(foreign);
        Handle(piece, foreign.Generation);
        AssertRefused("'kubernetes/other'");
    }

    [Fact]
    public void Shards_that_agree_with_their_index_and_hold_no_document_are_refused()
    {
        Handle([1, 2, 3], _good.Generation + 1);
        AssertRefused("can't be decompressed");
        Assert.Empty(_reader.Wanted()); // what is in them won't change
        ShardPlan plan = Next();
        Assert.Equal([true], plan.Writes.Select(_reader.Handle).Where(changed => changed));
        Assert.Empty(_reader.Problems);
    }

    [Fact]
    public void A_document_that_grows_over_the_limit_when_decompressed_is_refused()
    {
        var bomb = new MeshNode { Name = new string('a', ClusterLimits.DocumentBytesMax + 1) };
        Handle(ShardCodec.Encode(new MeshDocument { Nodes = { bomb } }), _good.Generation + 1);
        AssertRefused("too large");
    }

    [Theory]
    [InlineData(2, FakeCluster.Id, 0, "has schema 2")]
    [InlineData(1, "other", 0, "is of cluster other")]
    [InlineData(1, FakeCluster.Id, 1, "does not belong there")]
    public void A_bad_delta_is_left_out(uint schema, string cluster, ulong beyond, string expected)
    {
        var change = new EdgeMesh.Cluster.Messages.MeshChange
        {
            Schema = schema,
            Cluster = cluster,
            BaseGeneration = _good.Generation,
            Generation = _good.Generation + 1 + beyond,
        };
        _reader.Handle(ClusterObject.OfBytes(
            ClusterNames.DeltaOf(_good.Generation + 1), NoLabels, ShardCodec.Encode(change)));
        AssertRefused(expected);
        AssertGoesOn();
    }

    [Fact]
    public void A_delta_cut_anywhere_is_left_out()
    {
        ShardPlan plan = _cluster.Publish(_history.Next())!;
        ClusterObject index = _cluster.Objects.Single(known => known.Name == ClusterNames.Index);
        byte[] right = plan.Writes[0].BinaryData.Values.Single();
        for (int length = 0; length < right.Length; length++)
        {
            // Where only gzip's own sum is missing, all of the change is there, and its hash agrees.
            var reader = new ShardReader(_good);
            reader.Handle(index);
            Assert.True(
                !reader.Handle(ClusterObject.OfBytes(plan.Writes[0].Name, NoLabels, right[..length]))
                    || (length > right.Length - 12 && reader.Document!.Equals(plan.Document)),
                $"cut at {length} of {right.Length}");
            Assert.True(reader.Handle(plan.Writes[0]) || reader.Document!.Equals(plan.Document));
            Assert.DoesNotContain(reader.Problems, problem => problem.Contains("delta", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void A_delta_whose_result_is_another_document_is_left_out()
    {
        ShardPlan plan = _cluster.Publish(_history.Next())!;
        Assert.True(ShardCodec.TryDecode(
            [plan.Writes[0].BinaryData.Values.Single()], EdgeMesh.Cluster.Messages.MeshChange.Parser,
            out EdgeMesh.Cluster.Messages.MeshChange? change, out _));
        change.EdgeCidr.Clear();
        change.CidrsChanged = true;
        _reader.Handle(ClusterObject.OfBytes(plan.Writes[0].Name, NoLabels, ShardCodec.Encode(change)));
        AssertRefused("does not fit");
    }

    [Fact]
    public void An_older_index_out_of_some_cache_and_objects_of_others_change_nothing()
    {
        ClusterObject older = _cluster.Objects.Single(known => known.Name == ClusterNames.Index);
        ShardPlan plan = Next();
        Assert.Equal(1, plan.Writes.Count(_reader.Handle));
        MeshDocument newer = _reader.Document!;
        Assert.False(_reader.Handle(older));
        Assert.False(_reader.Handle(ClusterObject.OfBytes("edgemesh-mesh-c-0", NoLabels, [1])));
        Assert.False(_reader.Handle(ClusterObject.OfBytes("edgemesh-delta-256", NoLabels, [1])));
        Assert.False(_reader.Handle(ClusterObject.OfText("kube-root-ca.crt", NoLabels, "ca.crt", "x")));
        Assert.Same(newer, _reader.Document);
        Assert.Empty(_reader.Problems);
        Assert.Empty(_reader.Wanted());
    }

    private ShardPlan Next()
    {
        _cluster.Publish(_history.Next());
        _cluster.Uptime += ShardWriter.WholeInterval;
        return _cluster.Publish(_history.Next())!;
    }

    private void Handle(byte[] piece, ulong generation)
    {
        var index = new MeshIndex(
            FakeCluster.Id, generation, 'a', [new(ClusterNames.ShardOf('a', 0), ShardCodec.HashOf(piece))],
            new string('0', 64), DateTimeOffset.UnixEpoch);
        _reader.Handle(index.ToObject());
        _reader.Handle(ClusterObject.OfBytes(ClusterNames.ShardOf('a', 0), NoLabels, piece));
    }

    private void AssertRefused(string expected)
    {
        Assert.Same(_good, _reader.Document);
        Assert.Contains(_reader.Problems, problem => problem.Contains(expected, StringComparison.Ordinal));
    }

    private void AssertGoesOn()
    {
        Assert.True(_reader.Handle(_cluster.Publish(_history.Next())!.Writes[0]));
        Assert.Empty(_reader.Problems);
    }
}

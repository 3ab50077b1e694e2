using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using Xunit;

namespace EdgeMesh.UnitTests.Cluster;

/// <summary>What writers write and readers make of it.</summary>
public sealed class ShardTests
{
    // Compressed, 200 random keys are over 4 KiB: changes of such a document are deltas.
    private const int ManyNodes = 200;

    public static TheoryData<int> Seeds => [1, 2, 3, 4, 5];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void A_reader_that_follows_gets_every_document_of_a_history(int seed)
    {
        var history = new MeshHistory(seed, ManyNodes);
        var cluster = new FakeCluster();
        var reader = new ShardReader(null);
        ulong generation = 0;
        for (int step = 0; step < 30; step++)
        {
            MeshDocument content = history.Next();
            ShardPlan plan = cluster.Plan(content)!;
            bool[] changed = [.. plan.Writes.Select(reader.Handle)];
            cluster.Write(plan);
            Assert.Single(changed, true);
            AssertSameContent(content, reader.Document!);
            Assert.True(reader.Document!.Generation > generation);
            generation = reader.Document.Generation;
            Assert.Empty(reader.Problems);
            Assert.Empty(reader.Wanted());
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Whatever_the_order_and_whatever_is_missing_a_reader_has_one_of_the_documents_or_none(int seed)
    {
        var random = new Random(seed);
        var history = new MeshHistory(seed, ManyNodes);
        var cluster = new FakeCluster();
        var written = new Dictionary<ulong, MeshDocument>();
        for (int step = 0; step < 12; step++)
        {
            MeshDocument content = history.Next();
            written[cluster.Publish(content)!.Document.Generation] = content;
            for (int attempt = 0; attempt < 6; attempt++)
            {
                ClusterObject[] all = [.. cluster.Objects];
                random.Shuffle(all);
                var reader = new ShardReader(null);
                foreach (ClusterObject seen in all.Where(_ => attempt == 0 || random.Next(6) > 0))
                {
                    reader.Handle(seen);
                }

                Assert.True(attempt > 0 || reader.Document is not null);
                if (reader.Document is { } document)
                {
                    AssertSameContent(written[document.Generation], document);
                }

                foreach (ClusterObject seen in all)
                {
                    reader.Handle(seen); // and all of it at last
                }

                AssertSameContent(content, reader.Document!);
            }
        }
    }

    [Theory]
    [InlineData(1, 5)]            // small: whole at each change
    [InlineData(2, ManyNodes)]    // deltas
    public void A_writer_killed_after_any_write_is_followed_by_one_that_goes_on(int seed, int nodes)
    {
        var history = new MeshHistory(seed, nodes);
        var cluster = new FakeCluster();
        var written = new Dictionary<ulong, MeshDocument>();
        for (int step = 0; step < 40; step++)
        {
            cluster.Uptime += TimeSpan.FromSeconds(step == 20 ? 400 : 1); // then a delta and the whole document
            MeshDocument content = history.Next();
            ShardPlan plan = cluster.Plan(content)!;
            var follower = cluster.Read();
            MeshDocument? before = follower.Document;
            written[plan.Document.Generation] = content;
            int cut = step % (plan.Writes.Count + 1);
            cluster.Write(plan, cut);

            ShardReader reader = cluster.Read();
            Assert.True(reader.Document is not null || before is null);
            if (reader.Document is { } document)
            {
                AssertSameContent(written[document.Generation], document);
                Assert.True(document.Generation >= (before?.Generation ?? 0));
            }

            ShardPlan? next = cluster.Publish(content);
            written[cluster.Writer.Document!.Generation] = content;
            reader = cluster.Read();
            AssertSameContent(content, reader.Document!);
            Assert.Empty(reader.Problems);
            Assert.True(next is null == (before is not null && cut == plan.Writes.Count)
                || plan.Index is null || cut < plan.Writes.Count);
        }
    }

    [Fact]
    public void Three_hundred_changes_need_one_more_whole_document_and_a_follower_none_of_it()
    {
        var history = new MeshHistory(7, ManyNodes);
        var cluster = new FakeCluster();
        cluster.Publish(history.Next());
        ShardReader follower = cluster.Read();
        int whole = 0;
        while (follower.DeltasApplied < 300)
        {
            if (cluster.Publish(history.Next(1)) is not { } plan)
            {
                continue; // nothing has changed after all
            }

            whole += plan.Index is null ? 0 : 1;
            foreach (ClusterObject write in plan.Writes.Where(IsFeed))
            {
                follower.Handle(write);
            }

            Assert.Equal(plan.Document.Generation, follower.Document!.Generation);
            Assert.Empty(follower.Wanted());
        }

        Assert.Equal(1, whole);
        AssertSameContent(cluster.Writer.Document!, cluster.Read().Document!);
    }

    [Fact]
    public void A_document_at_rest_is_written_whole_after_its_deltas_and_then_only_the_index_now_and_then()
    {
        var history = new MeshHistory(8, ManyNodes);
        var cluster = new FakeCluster();
        cluster.Publish(history.Next());
        MeshDocument last = history.Next();
        ulong generation = cluster.Publish(last)!.Document.Generation;
        Assert.Null(cluster.Publish(last));
        cluster.Uptime += ShardWriter.WholeInterval;
        ShardPlan whole = cluster.Publish(last)!;
        Assert.Equal(generation, whole.Document.Generation);
        Assert.Equal(generation, whole.Index!.Generation);
        Assert.Null(cluster.Publish(last));
        cluster.Uptime += ShardWriter.HeartbeatInterval;
        Assert.Equal(ClusterNames.Index, Assert.Single(cluster.Publish(last)!.Writes).Name);
        Assert.Null(cluster.Publish(last));
        AssertSameContent(last, cluster.Read().Document!);
    }

    [Fact]
    public void A_gap_is_named_asked_for_and_mended_by_the_next_whole_document()
    {
        var history = new MeshHistory(9, ManyNodes);
        var cluster = new FakeCluster();
        cluster.Publish(history.Next());
        ShardReader follower = cluster.Read();
        ShardPlan lost = cluster.Publish(history.Next())!;
        ShardPlan seen = cluster.Publish(history.Next())!;
        follower.Handle(seen.Writes[0]);
        Assert.Equal([lost.Writes[0].Name], follower.Wanted());
        Assert.Contains("is missing", Assert.Single(follower.Problems), StringComparison.Ordinal);
        ulong before = follower.Document!.Generation;
        Assert.Equal(seen.Document.Generation - 2, before);

        cluster.Uptime += ShardWriter.WholeInterval;
        ShardPlan whole = cluster.Publish(history.Next())!;
        foreach (ClusterObject write in whole.Writes.Where(IsFeed))
        {
            follower.Handle(write);
        }

        Assert.Equal(before, follower.Document.Generation);
        Assert.Equal(whole.Index!.Shards.Select(shard => shard.Name), follower.Wanted());
        foreach (ClusterObject write in whole.Writes)
        {
            follower.Handle(write);
        }

        AssertSameContent(whole.Document, follower.Document);
        Assert.Empty(follower.Problems);
    }

    [Fact]
    public void A_hundred_thousand_pods_on_five_thousand_nodes_fit_and_change_by_small_deltas()
    {
        var history = new MeshHistory(10, 5000, prefixesPerNode: 20);
        var cluster = new FakeCluster();
        ShardPlan first = cluster.Publish(history.Document())!;
        Assert.All(
            first.Writes.SelectMany(write => write.BinaryData.Values),
            bytes => Assert.True(bytes.Length < 900 * 1024 + 1, $"{bytes.Length}"));
        AssertSameContent(first.Document, cluster.Read().Document!);
        ShardPlan change = cluster.Publish(history.Next(34))!; // a second's part of 1 % a minute: 17 go, 17 come
        ClusterObject delta = Assert.Single(change.Writes);
        int bytes = Assert.Single(delta.BinaryData.Values).Length;
        Assert.True(bytes < 2048, $"{bytes}");
    }

    [Fact]
    public void A_document_that_does_not_compress_is_cut_below_the_limit()
    {
        byte[] bytes = new byte[(2 * ClusterLimits.ShardBytesMax) + 1];
        new Random(1).NextBytes(bytes);
        IReadOnlyList<byte[]> pieces = ShardWriter.Cut(bytes);
        Assert.Equal(
            [ClusterLimits.ShardBytesMax, ClusterLimits.ShardBytesMax, 1], pieces.Select(piece => piece.Length));
        Assert.Equal(bytes, pieces.SelectMany(piece => piece));
    }

    [Fact]
    public void Generations_begin_at_the_time_and_are_lifted_over_what_nodes_have_but_not_by_a_lie()
    {
        var history = new MeshHistory(11, 3);
        var cluster = new FakeCluster();
        ulong first = cluster.Publish(history.Next())!.Document.Generation;
        Assert.Equal(FakeCluster.Start + 5, first);
        MeshDocument content = history.Next();
        Assert.Equal(first + 1, cluster.Publish(content)!.Document.Generation);
        Assert.Null(cluster.Publish(content, floor: first + 1));
        Assert.Equal(first + 701, cluster.Publish(content, floor: first + 700)!.Document.Generation);
        Assert.Null(cluster.Publish(content, floor: ulong.MaxValue));
    }

    [Fact]
    public void A_cluster_whose_objects_were_removed_or_spoiled_is_mended_above_what_they_said()
    {
        var history = new MeshHistory(12, ManyNodes);
        var cluster = new FakeCluster();
        cluster.Publish(history.Next());
        ulong last = cluster.Publish(history.Next())!.Document.Generation;
        cluster.Remove(ClusterNames.Index);
        cluster.Restart();
        MeshDocument content = history.Next();
        Assert.True(cluster.Publish(content)!.Document.Generation > last);
        AssertSameContent(content, cluster.Read().Document!);

        cluster.Put(ClusterObject.OfBytes(ClusterNames.ShardOf('a', 0), new Dictionary<string, string>(), [1]));
        cluster.Put(ClusterObject.OfBytes(ClusterNames.ShardOf('b', 0), new Dictionary<string, string>(), [1]));
        cluster.Restart();
        Assert.Null(cluster.Writer.Document);
        cluster.Publish(content);
        AssertSameContent(content, cluster.Read().Document!);
    }

    private static bool IsFeed(ClusterObject write) => write.Labels.ContainsKey(ClusterNames.FeedLabel);

    private static void AssertSameContent(MeshDocument expected, MeshDocument actual)
    {
        Assert.Equal(ClusterNames.SourceOf(FakeCluster.Id), actual.Source);
        Assert.True(expected.Nodes.Equals(actual.Nodes), "other nodes");
        Assert.True(expected.CloudCidr.Equals(actual.CloudCidr), "other CIDRs of the cloud");
        Assert.True(expected.EdgeCidr.Equals(actual.EdgeCidr), "other CIDRs of the edge");
    }
}

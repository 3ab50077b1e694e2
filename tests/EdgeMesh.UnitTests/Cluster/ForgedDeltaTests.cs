using System;
using System.Collections.Generic;
using System.Linq;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Messages;
using EdgeMesh.Cluster.Shards;
using EdgeMesh.ControlChannel.Messages;
using Google.Protobuf;
using Xunit;

namespace EdgeMesh.UnitTests.Cluster;

/// <summary>Any agent may create ConfigMaps: what it can make of that must not be a mesh that others follow.</summary>
public sealed class ForgedDeltaTests
{
    private readonly MeshHistory _history = new(31, 700);
    private readonly FakeCluster _cluster = new();

    [Theory]
    [InlineData(0)]                        // no token
    [InlineData(1)]                        // guessed
    [InlineData(2)]                        // the token of the delta before, which everybody has seen
    public void A_delta_that_another_than_the_controller_has_made_is_left_out_and_told(int kind)
    {
        _cluster.Publish(_history.Next());
        ClusterObject seen = Assert.Single(_cluster.Publish(_history.Next())!.Writes);
        ShardReader reader = _cluster.Read();
        MeshDocument good = reader.Document!;

        ClusterObject forged = Forge(good, kind switch { 0 => [], 1 => new byte[32], _ => TokenOf(seen) });
        Assert.False(reader.Handle(forged));
        Assert.Same(good, reader.Document);
        Assert.Contains("was not written by the controller", Assert.Single(reader.Problems), StringComparison.Ordinal);
        Assert.Empty(reader.Wanted());
        Assert.Equal(good.Generation, reader.NewestSeen);

        // The controller writes over it; had it been there first, nodes would have seen both.
        ShardPlan next = _cluster.Publish(_history.Next())!;
        Assert.True(reader.Handle(Assert.Single(next.Writes)));
        Assert.Equal(next.Document, reader.Document);
        Assert.Empty(reader.Problems);
    }

    [Fact]
    public void A_forged_delta_takes_no_place_of_the_real_one_that_waits()
    {
        _cluster.Publish(_history.Next());
        ShardReader reader = _cluster.Read();
        MeshDocument good = reader.Document!;
        ShardPlan first = _cluster.Publish(_history.Next())!;
        ShardPlan second = _cluster.Publish(_history.Next())!;
        Assert.False(reader.Handle(second.Writes[0]));
        Assert.False(reader.Handle(Forge(first.Document, [], second.Document.Generation + 1)));
        Assert.Same(good, reader.Document);
        Assert.True(reader.Handle(first.Writes[0]));
        Assert.Equal(second.Document, reader.Document);
    }

    [Fact]
    public void A_controller_that_begins_after_a_forgery_publishes_what_is_true()
    {
        _cluster.Publish(_history.Next());
        MeshDocument content = _history.Next();
        _cluster.Publish(content);
        MeshDocument real = _cluster.Writer.Document!;
        ShardReader follower = _cluster.Read();
        _cluster.Put(Forge(real, new byte[32]));
        _cluster.Restart();
        Assert.Equal(real, _cluster.Writer.Document);
        ShardPlan plan = _cluster.Publish(content)!;
        Assert.Equal(real.Generation + 1, plan.Document.Generation);
        Assert.Contains(true, plan.Writes.Select(follower.Handle));
        Assert.Equal(plan.Document, follower.Document);
        Assert.Equal(plan.Document, _cluster.Read().Document);
    }

    [Fact]
    public void A_writer_that_begins_again_makes_a_chain_of_its_own_and_followers_need_no_shard()
    {
        _cluster.Publish(_history.Next());
        _cluster.Publish(_history.Next());
        ShardReader follower = _cluster.Read();
        _cluster.Restart();
        for (int step = 0; step < 3; step++)
        {
            ShardPlan plan = _cluster.Publish(_history.Next())!;
            Assert.Equal(step > 0, plan.Index is null);
            foreach (ClusterObject write in plan.Writes.Where(IsFeed))
            {
                follower.Handle(write);
                Assert.Empty(follower.Wanted());
            }

            Assert.Equal(plan.Document, follower.Document);
            Assert.Equal(plan.Document, _cluster.Read().Document);
        }
    }

    [Fact]
    public void A_token_proves_its_own_number_and_no_other()
    {
        byte[] seed = DeltaChain.NewSeed();
        string end = DeltaChain.EndOf(seed);
        foreach (int number in new[] { 1, 2, 100, DeltaChain.LengthMax })
        {
            byte[] token = DeltaChain.TokenOf(seed, number);
            Assert.True(DeltaChain.IsToken(end, (ulong)number, token));
            Assert.False(DeltaChain.IsToken(end, (ulong)number + 1, token));
            Assert.False(DeltaChain.IsToken(end, (ulong)number - 1, token));
            Assert.False(DeltaChain.IsToken("", (ulong)number, token));
            Assert.False(DeltaChain.IsToken(end, ulong.MaxValue, token));
        }
    }

    private static ClusterObject Forge(MeshDocument onto, byte[] token, ulong? generation = null)
    {
        MeshDocument mine = onto.Clone();
        mine.Generation = generation ?? onto.Generation + 1;
        mine.Nodes[0].Prefixes.Clear(); // somebody else's
        MeshChange change = MeshChanges.Diff(FakeCluster.Id, onto, mine);
        change.DocumentSha256 = ByteString.CopyFrom(ShardCodec.HashOf(mine));
        change.Token = ByteString.CopyFrom(token);
        return ClusterObject.OfBytes(
            ClusterNames.DeltaOf(mine.Generation), new Dictionary<string, string>(), ShardCodec.Encode(change));
    }

    private static byte[] TokenOf(ClusterObject delta)
    {
        Assert.True(ShardCodec.TryDecode(
            [delta.BinaryData.Values.Single()], MeshChange.Parser, out MeshChange? change, out _));
        return change.Token.ToByteArray();
    }

    private static bool IsFeed(ClusterObject write) => write.Labels.ContainsKey(ClusterNames.FeedLabel);
}

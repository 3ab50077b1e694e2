using System;
using System.Collections.Generic;
using EdgeMesh.Cluster;
using EdgeMesh.Cluster.Publications;
using EdgeMesh.Cluster.Trust;
using Xunit;

namespace EdgeMesh.UnitTests.Cluster;

public sealed class PublicationTests
{
    private const string Peer = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    private static readonly NodePublication Sample = new(
        "edge-1", Peer, ["/ip4/192.0.2.1/tcp/20006"], "0.1.0", 7, ["no nft here"], "0a1b2c3d");

    [Fact]
    public void A_publication_is_read_as_it_was_written()
    {
        ClusterObject written = Sample.ToObject();
        Assert.True(NodePublication.TryRead(written, out NodePublication? read, out string? problem), problem);
        Assert.Equal(Sample with { Addresses = read.Addresses, Problems = read.Problems }, read);
        Assert.Equal(Sample.Addresses, read.Addresses);
        Assert.Equal(Sample.Problems, read.Problems);
        Assert.Matches("^edgemesh-node-[0-9a-f]{16}-[0-9a-f]{16}$", written.Name);
        Assert.NotEqual(written.Name, (Sample with { Nonce = "1" }).ToObject().Name);
    }

    [Fact]
    public void A_publication_cut_anywhere_is_refused()
    {
        string text = Sample.ToText();
        for (int length = 0; length < text.Length; length++)
        {
            Assert.False(NodePublication.TryParse(text[..length], out _, out string? problem));
            Assert.NotEmpty(problem);
        }
    }

    [Theory]
    [InlineData("\"schema\":1", "\"schema\":9", "has schema 9")]
    [InlineData("edge-1", "../x", "no node name")]
    [InlineData(Peer, "me", "no peer id")]
    [InlineData("/ip4/192.0.2.1/tcp/20006", "192.0.2.1", "no multiaddr")]
    [InlineData("\"generation\":7", "\"generation\":-7", "not the JSON")]
    [InlineData("[\"no nft here\"]", "[null]", "over the limit")]
    public void A_bad_publication_is_refused_with_a_sentence(string part, string instead, string expected)
    {
        string text = Sample.ToText();
        Assert.Contains(part, text, StringComparison.Ordinal);
        text = text.Replace(part, instead, StringComparison.Ordinal);
        Assert.False(NodePublication.TryParse(text, out _, out string? problem));
        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_publication_under_another_node_s_name_is_refused()
    {
        string text = Sample.ToText();
        var moved = ClusterObject.OfText(
            ClusterNames.PublicationOf("edge-2", text), new Dictionary<string, string>(), ClusterNames.PublicationKey,
            text);
        Assert.False(NodePublication.TryRead(moved, out _, out string? problem));
        Assert.Contains("its name is that of another", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_too_long_to_publish_is_cut_to_what_readers_take()
    {
        NodePublication large = Sample with
        {
            Version = new string('v', 500),
            Problems = [.. System.Linq.Enumerable.Repeat(new string('p', 511) + "\U0001F600", 40)],
        };
        Assert.True(NodePublication.TryParse(large.ToText(), out NodePublication? read, out string? problem), problem);
        Assert.Equal(ClusterLimits.ProblemsMax, read.Problems.Count);
        Assert.Equal(511, read.Problems[0].Length);
    }

    [Theory]
    [InlineData(Peer, null)]
    [InlineData(null, Peer)]
    [InlineData(Peer, Peer)]
    public void A_trust_record_is_read_as_it_was_written(string? peer, string? pending)
    {
        var record = new TrustRecord(peer, pending);
        Assert.True(TrustRecord.TryParse(record.ToText(), out TrustRecord? read, out _));
        Assert.Equal(record, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"peerId\":7}")]
    [InlineData("{\"peerId\":\"me\"}")]
    [InlineData("{\"pending\":\"me\"}")]
    public void A_bad_trust_record_is_refused(string text)
    {
        Assert.False(TrustRecord.TryParse(text, out _, out string? problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Trust_records_are_spread_over_sixteen_names()
    {
        var names = new HashSet<string>();
        for (int i = 0; i < 500; i++)
        {
            names.Add(ClusterNames.TrustOf($"node-{i}"));
        }

        Assert.Equal(16, names.Count);
    }
}

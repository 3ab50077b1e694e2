using System;
using EdgeMesh.ControlPlane.Sources;
using Xunit;

namespace EdgeMesh.UnitTests.ControlPlane;

public sealed class PeerIdTextTests
{
    [Fact]   // libp2p specs, peer-ids: an Ed25519 key is in the id itself
    public void An_Ed25519_id_is_read()
    {
        Assert.True(PeerIdText.TryDecode("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", out byte[]? multihash,
            out _));
        Assert.Equal(38, multihash.Length);
        Assert.StartsWith("002408011220", Convert.ToHexString(multihash));
    }

    [Fact]   // libp2p specs, peer-ids: these two are one id
    public void Base58_and_CID_are_the_same_id()
    {
        Assert.True(PeerIdText.TryDecode("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", out byte[]? base58, out _));
        Assert.True(PeerIdText.TryDecode("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe",
            out byte[]? cid, out _));
        Assert.Equal(base58, cid);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("z")]
    [InlineData("b")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S")]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5S0")]
    [InlineData("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqx1")]
    [InlineData("bafybeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe")] // codec dag-pb, no key
    [InlineData(null)] // 132 zeros
    public void What_is_no_peer_id_is_refused(string? given)
    {
        string text = given ?? new string('1', 132);
        Assert.False(PeerIdText.TryDecode(text, out byte[]? multihash, out string? error));
        Assert.Null(multihash);
        Assert.Contains("edgemesh-dataplane identity", error);
    }
}

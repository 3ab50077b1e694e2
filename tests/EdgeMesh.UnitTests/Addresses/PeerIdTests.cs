using System;
using System.Linq;
using System.Security.Cryptography;
using CsCheck;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using Xunit;

namespace EdgeMesh.UnitTests.Addresses;

public sealed class PeerIdTests
{
    private const string Known = "12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeDT";

    [Fact]
    public void Base58_and_base32_come_back_for_all_bytes() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        Assert.True(Base58.TryDecode(Base58.Encode(bytes), out byte[]? from58));
        Assert.Equal(bytes, from58);
        Assert.True(Base32.TryDecode(Base32.Encode(bytes), out byte[]? from32));
        Assert.Equal(bytes, from32);
    });

    [Theory] // draft-msporny-base58, "Test Vectors"
    [InlineData("Hello World!", "2NEpo7TZRRrLZSi2U")]
    [InlineData(
        "The quick brown fox jumps over the lazy dog.",
        "USm3fpXnKG5EUBx2ndxBDMPVciP5hGey2Jh4NDv6gmeo1LkMeiKrLJUUBk6Z")]
    public void Base58_is_that_of_its_draft(string text, string expected) =>
        Assert.Equal(expected, Base58.Encode(System.Text.Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Base58_keeps_leading_zeros() =>
        Assert.Equal("11233QC4", Base58.Encode([0x00, 0x00, 0x28, 0x7f, 0xb4, 0xcd]));

    [Theory] // RFC 4648 §10, lower case, without padding
    [InlineData("f", "my")]
    [InlineData("fo", "mzxq")]
    [InlineData("foo", "mzxw6")]
    [InlineData("foob", "mzxw6yq")]
    [InlineData("fooba", "mzxw6ytb")]
    [InlineData("foobar", "mzxw6ytboi")]
    public void Base32_is_that_of_its_rfc(string text, string expected) =>
        Assert.Equal(expected, Base32.Encode(System.Text.Encoding.ASCII.GetBytes(text)));

    [Theory]
    [InlineData("mz")] // one bit set after the last byte
    [InlineData("mzxw6a")] // a whole character too many
    [InlineData("MY")]
    [InlineData("m1")]
    public void Base32_with_two_spellings_or_strange_characters_is_refused(string text) =>
        Assert.False(Base32.TryDecode(text, out _));

    [Theory]
    [InlineData("", "empty")]
    [InlineData("1", "length")]
    [InlineData("12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeD", "length")]
    [InlineData("12D3KooWEmFGK1R3v8qSGFZgfFFmfwD3ak9QMMg4vLBW3TCxVeD0", "base58")]
    [InlineData("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5Nl", "base58")]
    [InlineData("edge-node-1", "neither")]
    [InlineData("zb2rh", "neither")]
    [InlineData("bafkreie777rtklljkfpo24tqxwvftflojq2hhig5etpzason3vxaw3r4oi", "libp2p key")]
    [InlineData("bAFZ", "base32")]
    [InlineData("b", "CID")]
    public void Text_that_is_no_peer_id_is_refused_with_a_reason(string text, string expected)
    {
        Assert.False(PeerId.TryParse(text, out PeerId? id, out string? reason));
        Assert.Null(id);
        Assert.Contains(expected, reason, StringComparison.Ordinal);
        Assert.Throws<FormatException>(() => PeerId.Parse(text));
    }

    [Fact]
    public void Text_without_bounds_is_refused_by_its_length()
    {
        Assert.False(PeerId.TryParse(new string('1', 1_000_000), out _, out string? reason));
        Assert.Contains("longer", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "length")]
    [InlineData("0000", "length")]
    [InlineData("120100", "32 bytes")]
    [InlineData("130100", "0x13")]
    [InlineData("0102ab", "length")]
    public void Bytes_that_are_no_peer_id_are_refused_with_a_reason(string hex, string expected)
    {
        Assert.False(PeerId.TryDecode(Convert.FromHexString(hex), out _, out string? reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Key_of_43_bytes_must_be_hashed()
    {
        byte[] longest = [0, 42, .. new byte[42]];
        byte[] tooLong = [0, 43, .. new byte[43]];
        Assert.True(PeerId.TryDecode(longest, out _, out _));
        Assert.False(PeerId.TryDecode(tooLong, out _, out _));
    }

    [Fact]
    public void Truncation_at_each_length_is_refused()
    {
        byte[] bytes = PeerId.Parse(Known).Bytes.ToArray();
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(PeerId.TryDecode(bytes.AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void Ids_are_equal_by_their_bytes_and_ordered_by_them()
    {
        PeerId id = PeerId.Parse(Known);
        PeerId same = PeerId.Parse(id.ToCidString());
        Assert.True(id == same);
        Assert.Equal(id.GetHashCode(), same.GetHashCode());
        Assert.True(id != PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N"));
        Assert.True(null < id);

        Gen.Byte.Array[32].Array[2].Sample(keys =>
        {
            PeerId a = PublicKey.FromEd25519(keys[0]).PeerId;
            PeerId b = PublicKey.FromEd25519(keys[1]).PeerId;
            int order = keys[0].AsSpan().SequenceCompareTo(keys[1]);
            Assert.Equal(Math.Sign(order), Math.Sign(a.CompareTo(b)));
            Assert.Equal(order < 0, a < b);
            Assert.Equal(order >= 0, a >= b);
        });
    }

    [Fact]
    public void Random_text_is_parsed_or_refused_but_never_throws() => Gen.String[0, 140].Sample(text =>
    {
        if (PeerId.TryParse(text, out PeerId? id))
        {
            Assert.Equal(id, PeerId.Parse(id.ToString()));
        }
    });

    [Theory]
    [InlineData("08011220")] // no data
    [InlineData("0801121f" + "00")]
    [InlineData("080112a000" + "00")] // length not minimal
    [InlineData("12200801")] // the other order
    [InlineData("0804120100")] // no such type
    [InlineData("08011201ff")] // Ed25519 of one byte
    [InlineData("08001200")] // no data at all
    public void Malformed_public_key_is_refused(string hex)
    {
        Assert.False(PublicKey.TryDecode(Convert.FromHexString(hex), out _, out string? reason));
        Assert.NotEmpty(reason);
    }

    [Fact]
    public void Public_key_with_anything_behind_it_is_refused()
    {
        byte[] key = PublicKey.FromEd25519(RandomNumberGenerator.GetBytes(32)).Protobuf.ToArray();
        for (int length = 0; length < key.Length; length++)
        {
            Assert.False(PublicKey.TryDecode(key.AsSpan(0, length), out _, out _));
        }

        Assert.False(PublicKey.TryDecode(key.Append((byte)0).ToArray(), out _, out _));
        Assert.False(PublicKey.TryDecode(new byte[100_000], out _, out _));
    }
}

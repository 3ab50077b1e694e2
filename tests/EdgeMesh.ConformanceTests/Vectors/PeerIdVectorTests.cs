using System;
using EdgeMesh.Addresses;
using EdgeMesh.Libp2p.Identity;
using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>libp2p peer-ids, sections "Keys", "Test vectors" and "String representation".</summary>
public sealed class PeerIdVectorTests
{
    public static TheoryData<string, string, string, string> Identities => NodeIdentities.All;

    [Theory]
    [MemberData(nameof(Identities))]
    public void Seed_gives_the_public_key_and_peer_id_of_go(string name, string seed, string publicKey, string peerId)
    {
        using KeyPair pair = KeyPair.FromSeed(Convert.FromHexString(seed));

        Assert.NotEmpty(name);
        Assert.Equal(publicKey, Convert.ToHexStringLower(pair.PublicKey.Data));
        Assert.Equal("08011220" + publicKey, Convert.ToHexStringLower(pair.PublicKeyProtobuf.Span));
        Assert.Equal("002408011220" + publicKey, Convert.ToHexStringLower(pair.PeerId.Bytes.Span));
        Assert.Equal(peerId, pair.PeerId.ToString());
        Assert.Equal(pair.PeerId, PeerId.Parse(peerId));
    }

    [Fact]
    public void Ed25519_private_key_gives_its_public_key_and_is_written_as_read()
    {
        byte[] bytes = Convert.FromHexString(SpecKeys.Ed25519Private);
        Assert.True(KeyPair.TryDecode(bytes, out KeyPair? pair, out _));
        byte[] written = new byte[IdentityLimits.PrivateKeyProtobufBytes];
        pair.WritePrivateKeyProtobuf(written);

        Assert.Equal(SpecKeys.Ed25519Public, Convert.ToHexStringLower(pair.PublicKeyProtobuf.Span));
        Assert.Equal(bytes, written);
    }

    [Fact]
    public void Ed25519_private_key_of_the_old_form_is_read()
    {
        string repeated = SpecKeys.Ed25519Public["08011220".Length..];
        byte[] bytes = Convert.FromHexString("08011260" + SpecKeys.Ed25519Private["08011240".Length..] + repeated);

        Assert.True(KeyPair.TryDecode(bytes, out KeyPair? pair, out _));
        Assert.Equal(SpecKeys.Ed25519Public, Convert.ToHexStringLower(pair.PublicKeyProtobuf.Span));
    }

    [Theory]
    [InlineData(SpecKeys.Ed25519Public, KeyType.Ed25519, 0x00)]
    [InlineData(SpecKeys.Secp256k1Public, KeyType.Secp256k1, 0x00)]
    [InlineData(SpecKeys.EcdsaPublic, KeyType.Ecdsa, 0x12)]
    [InlineData(SpecKeys.RsaPublic, KeyType.Rsa, 0x12)]
    public void Public_key_of_every_kind_is_read_and_hashed_if_it_is_long(string hex, KeyType type, int multihashCode)
    {
        Assert.True(PublicKey.TryDecode(Convert.FromHexString(hex), out PublicKey? key, out _));

        Assert.Equal(type, key.Type);
        Assert.Equal(hex, Convert.ToHexStringLower(key.Protobuf.Span));
        Assert.Equal(multihashCode, key.PeerId.Bytes.Span[0]);
        Assert.Equal(multihashCode == 0, PublicKey.TryFromPeerId(key.PeerId, out _));
    }

    [Theory]
    [InlineData(SpecKeys.Secp256k1Private)]
    [InlineData(SpecKeys.EcdsaPrivate)]
    public void Private_key_of_another_kind_is_refused(string hex)
    {
        Assert.False(KeyPair.TryDecode(Convert.FromHexString(hex), out _, out string? reason));
        Assert.Contains("Ed25519", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void One_id_has_two_texts()
    {
        PeerId id = PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N");

        Assert.Equal("bafzbeie5745rpv2m6tjyuugywy4d5ewrqgqqhfnf445he3omzpjbx5xqxe", id.ToCidString());
        Assert.Equal(id, PeerId.Parse(id.ToCidString()));
    }

    [Fact]
    public void Cid_of_an_ed25519_id_is_that_of_go()
    {
        PeerId id = PeerId.Parse("12D3KooWKGj1YZzdtatzEgkKUqheyShnJTy5xhMx3zQfZWDVnatu"); // cloud-relay-0
        const string cid = "bafzaajaiaejcbddz3ffymnafb337wdlkpfyyhktixyf7li44agcl6prbiuoo33ho";

        Assert.Equal(cid, id.ToCidString());
        Assert.Equal(id, PeerId.Parse(cid));
    }

    [Theory] // libp2p tls, "Test vectors": an Ed25519, an ECDSA and a secp256k1 peer
    [InlineData("12D3KooWM6CgA9iBFZmcYAHA6A2qvbAxqfkmrYiRQuz3XEsk4Ksv", true)]
    [InlineData("QmfXbAwNjJLXfesgztEHe8HwgVDCMMpZ9Eax1HYq6hn9uE", false)]
    [InlineData("16Uiu2HAkutTMoTzDw1tCvSRtu6YoixJwS46S1ZFxW8hSx9fWHiPs", true)]
    [InlineData("12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA", true)] // peer-ids, "Decoding"
    public void Id_is_read_and_written_alike(string text, bool hasKey)
    {
        PeerId id = PeerId.Parse(text);

        Assert.Equal(text, id.ToString());
        Assert.Equal(hasKey, PublicKey.TryFromPeerId(id, out PublicKey? key));
        Assert.True(!hasKey || key!.PeerId == id);
    }
}

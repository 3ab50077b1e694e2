using System;
using System.Security.Cryptography;
using EdgeMesh.Libp2p.Identity;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Identity;

public sealed class KeyPairTests
{
    [Theory] // RFC 8032 §7.1, tests 1 to 3: seed, public key, message, signature
    [InlineData(
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        + "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")]
    [InlineData(
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        + "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")]
    [InlineData(
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        + "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a")]
    public void Signature_is_that_of_rfc_8032(string seed, string publicKey, string message, string signature)
    {
        using KeyPair pair = KeyPair.FromSeed(Convert.FromHexString(seed));
        byte[] signed = pair.Sign(Convert.FromHexString(message));

        Assert.Equal(publicKey, Convert.ToHexStringLower(pair.PublicKey.Data));
        Assert.Equal(signature, Convert.ToHexStringLower(signed));
        Assert.True(pair.PublicKey.Verify(Convert.FromHexString(message), signed));
    }

    [Fact]
    public void Tampering_with_any_byte_of_a_signature_is_noticed()
    {
        using KeyPair pair = KeyPair.Generate();
        byte[] signature = pair.Sign("message"u8);
        for (int i = 0; i < signature.Length; i++)
        {
            signature[i] ^= 1;
            Assert.False(pair.PublicKey.Verify("message"u8, signature));
            signature[i] ^= 1;
        }

        Assert.True(pair.PublicKey.Verify("message"u8, signature));
        Assert.False(pair.PublicKey.Verify("massage"u8, signature));
        Assert.False(pair.PublicKey.Verify("message"u8, signature.AsSpan(1)));
        Assert.False(pair.PublicKey.Verify("message"u8, []));
    }

    [Fact] // RFC 8032 §5.1.7: S must be below the group's order, or one message has two signatures
    public void Signature_with_the_order_added_is_refused()
    {
        using KeyPair pair = KeyPair.Generate();
        byte[] signature = pair.Sign("message"u8);
        byte[] order = Convert.FromHexString("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
        int carry = 0;
        for (int i = 0; i < order.Length; i++)
        {
            carry += signature[32 + i] + order[i];
            signature[32 + i] = (byte)(carry & 0xff);
            carry >>= 8;
        }

        Assert.Equal(0, carry);
        Assert.False(pair.PublicKey.Verify("message"u8, signature));
    }

    [Fact]
    public void Two_keys_are_never_the_same()
    {
        using KeyPair one = KeyPair.Generate();
        using KeyPair other = KeyPair.Generate();
        Assert.NotEqual(one.PeerId, other.PeerId);
    }

    [Fact]
    public void Private_key_is_read_as_written_and_refused_at_each_shorter_length()
    {
        using KeyPair pair = KeyPair.Generate();
        byte[] bytes = new byte[IdentityLimits.PrivateKeyProtobufBytes];
        pair.WritePrivateKeyProtobuf(bytes);

        Assert.True(KeyPair.TryDecode(bytes, out KeyPair? read, out _));
        Assert.Equal(pair.PeerId, read.PeerId);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.False(KeyPair.TryDecode(bytes.AsSpan(0, length), out _, out _));
        }
    }

    [Fact]
    public void Private_key_with_a_foreign_public_half_is_refused()
    {
        using KeyPair pair = KeyPair.Generate();
        byte[] bytes = new byte[IdentityLimits.PrivateKeyProtobufBytes];
        pair.WritePrivateKeyProtobuf(bytes);
        bytes[^1] ^= 1;

        Assert.False(KeyPair.TryDecode(bytes, out _, out string? reason));
        Assert.Contains("public half", reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Disposed_key_signs_nothing_and_writes_nothing()
    {
        KeyPair pair = KeyPair.FromSeed(RandomNumberGenerator.GetBytes(IdentityLimits.SeedBytes));
        pair.Dispose();

        Assert.Throws<ObjectDisposedException>(() => pair.Sign("message"u8));
        Assert.Throws<ObjectDisposedException>(
            () => pair.WritePrivateKeyProtobuf(new byte[IdentityLimits.PrivateKeyProtobufBytes]));
    }
}

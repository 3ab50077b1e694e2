namespace EdgeMesh.Libp2p.Identity;

/// <summary>Sizes of keys and signatures. Bytes, unless the name says otherwise.</summary>
public static class IdentityLimits
{
    /// <summary>The secret an Ed25519 key is made from (RFC 8032 §5.1.5).</summary>
    public const int SeedBytes = 32;

    /// <summary>An Ed25519 public key (RFC 8032 §5.1.5).</summary>
    public const int Ed25519KeyBytes = 32;

    /// <summary>An Ed25519 signature (RFC 8032 §5.1.6).</summary>
    public const int SignatureBytes = 64;

    /// <summary>The protobuf of an Ed25519 private key: 4 bytes of tags and lengths, seed, public key.</summary>
    public const int PrivateKeyProtobufBytes = 4 + SeedBytes + Ed25519KeyBytes;

    /// <summary>Longest public key protobuf we look at: RSA with 8192 bits has 1100.</summary>
    public const int PublicKeyProtobufBytesMax = 2048;
}

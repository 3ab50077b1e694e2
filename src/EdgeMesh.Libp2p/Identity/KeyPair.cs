using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using EdgeMesh.Addresses;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EdgeMesh.Libp2p.Identity;

/// <summary>A node's identity: an Ed25519 key. Signing is safe from every thread.</summary>
/// <remarks><code>
///   08 01  12 40  seed (32)  public key (32)     the private key's protobuf (libp2p peer-ids, "Ed25519")
///   08 01  12 60  ... and the public key again   an old form, read but never written
/// </code></remarks>
public sealed class KeyPair : IDisposable
{
    private const int HeaderBytes = 4;
    private const byte LengthNow = 0x40;
    private const byte LengthOld = 0x60;
    private const int LengthOffset = 3;

    // Pinned, so that the collector leaves no second copy behind when it moves things.
    private readonly byte[] _seed = GC.AllocateArray<byte>(IdentityLimits.SeedBytes, pinned: true);
    private bool _isDisposed;

    private KeyPair(ReadOnlySpan<byte> seed)
    {
        seed.CopyTo(_seed);
        Span<byte> publicKey = stackalloc byte[IdentityLimits.Ed25519KeyBytes];
        Ed25519.GeneratePublicKey(_seed, publicKey);
        PublicKey = PublicKey.FromEd25519(publicKey);
    }

    private static ReadOnlySpan<byte> Header => [0x08, (byte)KeyType.Ed25519, 0x12, LengthNow];

    /// <summary>The public half.</summary>
    public PublicKey PublicKey { get; }

    /// <summary>The id that this key gives its node.</summary>
    public PeerId PeerId => PublicKey.PeerId;

    /// <summary>The public half as it travels.</summary>
    public ReadOnlyMemory<byte> PublicKeyProtobuf => PublicKey.Protobuf;

    /// <summary>Makes a key from the operating system's randomness.</summary>
    public static KeyPair Generate()
    {
        Span<byte> seed = stackalloc byte[IdentityLimits.SeedBytes];
        RandomNumberGenerator.Fill(seed);
        var pair = new KeyPair(seed);
        CryptographicOperations.ZeroMemory(seed);
        return pair;
    }

    /// <summary>Makes the key of a seed. The caller wipes its copy.</summary>
    /// <param name="seed">32 bytes (RFC 8032 §5.1.5).</param>
    public static KeyPair FromSeed(ReadOnlySpan<byte> seed)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(seed.Length, IdentityLimits.SeedBytes, nameof(seed));
        return new KeyPair(seed);
    }

    /// <summary>Reads a private key's protobuf. The caller wipes its copy.</summary>
    /// <param name="protobuf">The whole message.</param>
    /// <param name="pair">The key.</param>
    /// <param name="reason">What is wrong with it; never any of its bytes.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> protobuf,
        [NotNullWhen(true)] out KeyPair? pair,
        [NotNullWhen(false)] out string? reason)
    {
        pair = null;
        if (protobuf.Length <= HeaderBytes
            || !protobuf[..LengthOffset].SequenceEqual(Header[..LengthOffset])
            || protobuf[LengthOffset] is not (LengthNow or LengthOld)
            || protobuf[LengthOffset] != protobuf.Length - HeaderBytes)
        {
            reason = "it isn't the protobuf of an Ed25519 private key";
            return false;
        }

        ReadOnlySpan<byte> data = protobuf[HeaderBytes..];
        var candidate = new KeyPair(data[..IdentityLimits.SeedBytes]);
        for (int at = IdentityLimits.SeedBytes; at < data.Length; at += IdentityLimits.Ed25519KeyBytes)
        {
            ReadOnlySpan<byte> stored = data.Slice(at, IdentityLimits.Ed25519KeyBytes);
            if (!CryptographicOperations.FixedTimeEquals(stored, candidate.PublicKey.Data))
            {
                candidate.Dispose();
                reason = "its public half doesn't belong to its private half";
                return false;
            }
        }

        pair = candidate;
        reason = null;
        return true;
    }

    /// <summary>Signs as RFC 8032 §5.1.6 has it.</summary>
    /// <param name="message">What to sign.</param>
    /// <param name="signature">64 bytes.</param>
    public void Sign(ReadOnlySpan<byte> message, Span<byte> signature)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            signature.Length, IdentityLimits.SignatureBytes, nameof(signature));
        Ed25519.Sign(_seed, PublicKey.Data, message, signature);
    }

    /// <summary>Signs into a new array.</summary>
    public byte[] Sign(ReadOnlySpan<byte> message)
    {
        byte[] signature = new byte[IdentityLimits.SignatureBytes];
        Sign(message, signature);
        return signature;
    }

    /// <summary>Writes the private key's protobuf. The caller wipes it.</summary>
    /// <param name="protobuf">Exactly <see cref="IdentityLimits.PrivateKeyProtobufBytes"/> bytes.</param>
    public void WritePrivateKeyProtobuf(Span<byte> protobuf)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        ArgumentOutOfRangeException.ThrowIfNotEqual(
            protobuf.Length, IdentityLimits.PrivateKeyProtobufBytes, nameof(protobuf));
        Header.CopyTo(protobuf);
        _seed.CopyTo(protobuf[HeaderBytes..]);
        PublicKey.Data.CopyTo(protobuf[(HeaderBytes + IdentityLimits.SeedBytes)..]);
    }

    /// <summary>Wipes the private half.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        CryptographicOperations.ZeroMemory(_seed);
    }
}

using System;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace EdgeMesh.Noise;

/// <summary>A Diffie-Hellman key of one handshake (RFC 7748 §5; Noise §12.1).</summary>
internal sealed class X25519KeyPair : IDisposable
{
    // Pinned, so that the collector leaves no second copy behind when it moves things.
    private readonly byte[] _privateKey = GC.AllocateArray<byte>(NoiseLimits.KeyBytes, pinned: true);
    private readonly byte[] _publicKey = new byte[NoiseLimits.KeyBytes];

    /// <summary>Takes a copy of the private key.</summary>
    public X25519KeyPair(ReadOnlySpan<byte> privateKey)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(privateKey.Length, NoiseLimits.KeyBytes, nameof(privateKey));
        privateKey.CopyTo(_privateKey);
        X25519.GeneratePublicKey(_privateKey, _publicKey);
    }

    /// <summary>The public key.</summary>
    public ReadOnlySpan<byte> PublicKey => _publicKey;

    /// <summary>The secret shared with the owner of <paramref name="remotePublicKey"/>.</summary>
    /// <returns>False if it is all zeros: the remote key has low order and adds nothing to the secret.</returns>
    public bool TryAgree(ReadOnlySpan<byte> remotePublicKey, Span<byte> shared) =>
        X25519.CalculateAgreement(_privateKey, remotePublicKey, shared);

    /// <summary>Wipes the private key.</summary>
    public void Dispose() => CryptographicOperations.ZeroMemory(_privateKey);
}

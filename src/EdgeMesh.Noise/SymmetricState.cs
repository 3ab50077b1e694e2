using System;
using System.Diagnostics;
using System.Security.Cryptography;

namespace EdgeMesh.Noise;

/// <summary>The chaining key, the transcript hash and the key of a running handshake (Noise §5.2).</summary>
internal sealed class SymmetricState : IDisposable
{
    // Pinned, so that the collector leaves no second copy behind when it moves things.
    private readonly byte[] _chainingKey = GC.AllocateArray<byte>(NoiseLimits.HashBytes, pinned: true);
    private readonly byte[] _hash = new byte[NoiseLimits.HashBytes];
    private CipherState? _cipher;

    /// <summary>Starts the transcript with the protocol's name, as long as a hash (Noise §5.2).</summary>
    public SymmetricState(ReadOnlySpan<byte> protocolName)
    {
        Debug.Assert(protocolName.Length == NoiseLimits.HashBytes, "a longer or shorter name must be hashed or padded");
        protocolName.CopyTo(_hash);
        protocolName.CopyTo(_chainingKey);
    }

    /// <summary>The transcript so far; after the last message, the handshake hash.</summary>
    public ReadOnlySpan<byte> Hash => _hash;

    /// <summary>Bytes that encryption adds now: none before the first key.</summary>
    public int OverheadBytes => _cipher is null ? 0 : NoiseLimits.TagBytes;

    /// <summary>Adds bytes to the transcript.</summary>
    public void MixHash(ReadOnlySpan<byte> data)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(_hash);
        hash.AppendData(data);
        hash.GetHashAndReset(_hash);
    }

    /// <summary>Adds a shared secret to the chaining key and takes the next key from it.</summary>
    public void MixKey(ReadOnlySpan<byte> secret)
    {
        Span<byte> key = stackalloc byte[NoiseLimits.KeyBytes];
        Expand(secret, _chainingKey, key);
        _cipher?.Dispose();
        _cipher = new CipherState(key);
        CryptographicOperations.ZeroMemory(key);
    }

    /// <summary>Encrypts (once there is a key) and adds the result to the transcript.</summary>
    /// <param name="plaintext">What to protect.</param>
    /// <param name="output">Exactly <see cref="OverheadBytes"/> longer.</param>
    public void EncryptAndHash(ReadOnlySpan<byte> plaintext, Span<byte> output)
    {
        if (_cipher is null)
        {
            plaintext.CopyTo(output);
        }
        else
        {
            _cipher.Seal(plaintext, output, _hash);
        }

        MixHash(output);
    }

    /// <summary>Decrypts (once there is a key) and adds the input to the transcript.</summary>
    /// <param name="input">What came in.</param>
    /// <param name="plaintext">Exactly <see cref="OverheadBytes"/> shorter; elsewhere than the input.</param>
    public bool TryDecryptAndHash(ReadOnlySpan<byte> input, Span<byte> plaintext)
    {
        if (_cipher is null)
        {
            input.CopyTo(plaintext);
        }
        else if (!_cipher.TryOpen(input, plaintext, _hash))
        {
            return false;
        }

        MixHash(input);
        return true;
    }

    /// <summary>The keys of the finished handshake (Noise §5.2, "Split").</summary>
    public void Split(Span<byte> initiatorToResponder, Span<byte> responderToInitiator) =>
        Expand(default, initiatorToResponder, responderToInitiator);

    /// <summary>Wipes every key.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_chainingKey);
        _cipher?.Dispose();
    }

    /// <summary>HKDF of two outputs (Noise §4.3); the first may overwrite the chaining key.</summary>
    private void Expand(ReadOnlySpan<byte> secret, Span<byte> first, Span<byte> second)
    {
        Span<byte> temporary = stackalloc byte[NoiseLimits.HashBytes];
        Span<byte> counted = stackalloc byte[NoiseLimits.HashBytes + 1];
        HMACSHA256.HashData(_chainingKey, secret, temporary);
        counted[NoiseLimits.HashBytes] = 1;
        HMACSHA256.HashData(temporary, counted[NoiseLimits.HashBytes..], first);
        first.CopyTo(counted);
        counted[NoiseLimits.HashBytes] = 2;
        HMACSHA256.HashData(temporary, counted, second);
        CryptographicOperations.ZeroMemory(temporary);
        CryptographicOperations.ZeroMemory(counted);
    }
}

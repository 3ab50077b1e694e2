using System;
using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EdgeMesh.Noise;

/// <summary>One direction of a secured connection: a key, and the counter of its messages (Noise §5.1).</summary>
/// <remarks>
/// Allocates nothing per message. Not safe for two threads at once; it may move from one to another.
/// The key lives only inside the platform's cipher, which wipes it on <see cref="Dispose"/>.
/// </remarks>
public sealed class CipherState : IDisposable
{
    // Reserved by Noise §5.1; no message may use it.
    private const ulong NonceEnd = ulong.MaxValue;

    private readonly ChaCha20Poly1305 _cipher;
    private ulong _nonce;

    /// <summary>Takes a copy of the key; the counter starts at zero.</summary>
    /// <param name="key"><see cref="NoiseLimits.KeyBytes"/> bytes; the caller wipes its own copy.</param>
    public CipherState(ReadOnlySpan<byte> key)
        : this(key, 0)
    {
    }

    internal CipherState(ReadOnlySpan<byte> key, ulong nonce)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, NoiseLimits.KeyBytes, nameof(key));
        _cipher = new ChaCha20Poly1305(key);
        _nonce = nonce;
    }

    /// <summary>Messages sealed or opened so far: the nonce of the next one.</summary>
    public ulong Nonce => _nonce;

    /// <summary>Encrypts the next message of this direction.</summary>
    /// <param name="plaintext">At most <see cref="NoiseLimits.PlaintextBytesMax"/> bytes. Elsewhere than the
    /// destination, or beginning exactly where the destination begins.</param>
    /// <param name="ciphertextAndTag">Exactly <see cref="NoiseLimits.TagBytes"/> longer than the plaintext.</param>
    /// <exception cref="InvalidOperationException">2^64 - 1 messages were sealed: a nonce would repeat.</exception>
    public void Seal(ReadOnlySpan<byte> plaintext, Span<byte> ciphertextAndTag) =>
        Seal(plaintext, ciphertextAndTag, associatedData: default);

    /// <summary>Decrypts the next message of this direction where it lies.</summary>
    /// <param name="ciphertextAndTag">The message; its beginning becomes the plaintext, or is wiped on false.</param>
    /// <param name="plaintextLength">Bytes of plaintext; 0 is a legal message.</param>
    /// <returns>False if the message is too short or long or its tag is wrong; the counter stays, and the connection
    /// cannot go on.</returns>
    public bool TryOpenInPlace(Span<byte> ciphertextAndTag, out int plaintextLength)
    {
        plaintextLength = 0;
        if (ciphertextAndTag.Length is < NoiseLimits.TagBytes or > NoiseLimits.MessageBytesMax)
        {
            return false;
        }

        int length = ciphertextAndTag.Length - NoiseLimits.TagBytes;
        if (!TryOpen(ciphertextAndTag, ciphertextAndTag[..length], associatedData: default))
        {
            return false;
        }

        plaintextLength = length;
        return true;
    }

    /// <summary>Wipes the key.</summary>
    public void Dispose() => _cipher.Dispose();

    internal void Seal(
        ReadOnlySpan<byte> plaintext, Span<byte> ciphertextAndTag, ReadOnlySpan<byte> associatedData)
    {
        if (plaintext.Length > NoiseLimits.PlaintextBytesMax)
        {
            throw new ArgumentOutOfRangeException(nameof(plaintext), "Longer than a Noise message holds.");
        }

        if (ciphertextAndTag.Length != plaintext.Length + NoiseLimits.TagBytes)
        {
            throw new ArgumentException("The destination is the plaintext and 16 bytes.", nameof(ciphertextAndTag));
        }

        // A shifted overlap would encrypt bytes that were just overwritten.
        if (plaintext.Overlaps(ciphertextAndTag, out int offset) && offset != 0)
        {
            throw new ArgumentException("Overlaps the plaintext, but begins elsewhere.", nameof(ciphertextAndTag));
        }

        if (_nonce == NonceEnd)
        {
            throw new InvalidOperationException("No nonce is left under this key: the connection must end.");
        }

        Span<byte> nonce = stackalloc byte[NoiseLimits.NonceBytes];
        WriteNonce(nonce);
        _cipher.Encrypt(
            nonce,
            plaintext,
            ciphertextAndTag[..plaintext.Length],
            ciphertextAndTag[plaintext.Length..],
            associatedData);
        _nonce++;
    }

    /// <summary>Opens the next message; the destination may be the ciphertext's own beginning.</summary>
    internal bool TryOpen(
        ReadOnlySpan<byte> ciphertextAndTag, Span<byte> plaintext, ReadOnlySpan<byte> associatedData)
    {
        int length = ciphertextAndTag.Length - NoiseLimits.TagBytes;
        if (_nonce == NonceEnd || length < 0 || plaintext.Length != length)
        {
            return false;
        }

        Span<byte> nonce = stackalloc byte[NoiseLimits.NonceBytes];
        WriteNonce(nonce);
        try
        {
            _cipher.Decrypt(nonce, ciphertextAndTag[..length], ciphertextAndTag[length..], plaintext, associatedData);
        }
        catch (AuthenticationTagMismatchException)
        {
            // Once per connection at most: its owner ends it. The platform has wiped the plaintext already.
            return false;
        }

        _nonce++;
        return true;
    }

    private void WriteNonce(Span<byte> nonce)
    {
        nonce[..sizeof(uint)].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(nonce[sizeof(uint)..], _nonce);
    }
}

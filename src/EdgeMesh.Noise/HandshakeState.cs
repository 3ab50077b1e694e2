using System;
using System.Security.Cryptography;

namespace EdgeMesh.Noise;

/// <summary>One side of <c>Noise_XX_25519_ChaChaPoly_SHA256</c> with an empty prologue (Noise §5.3, §7.5).</summary>
/// <remarks><code>
///   -> e                 32          + payload, in clear
///   &lt;- e, ee, s, es      32 + 48     + payload + 16
///   -> s, se             48          + payload + 16
/// </code>
/// Bytes in, bytes out: keys are made by the caller, fresh for every connection, and messages travel by other hands.
/// A refused message ends the handshake and wipes its keys. Not safe for two threads at once.
/// </remarks>
public sealed class HandshakeState : IDisposable
{
    /// <summary>Messages of the pattern.</summary>
    private const int MessageCount = 3;

    // An encrypted static key: the key and its tag.
    private const int SealedKeyBytes = NoiseLimits.KeyBytes + NoiseLimits.TagBytes;

    private readonly SymmetricState _symmetric;
    private readonly X25519KeyPair _static;
    private readonly X25519KeyPair _ephemeral;
    private readonly byte[] _remoteStatic = new byte[NoiseLimits.KeyBytes];
    private readonly byte[] _remoteEphemeral = new byte[NoiseLimits.KeyBytes];
    private int _message; // index of the next message
    private bool _isOver;

    /// <summary>Starts a handshake. Copies the keys; the caller wipes its own.</summary>
    /// <param name="isInitiator">Whether this side speaks first (in libp2p: the side that dialed).</param>
    /// <param name="staticPrivateKey">32 random bytes.</param>
    /// <param name="ephemeralPrivateKey">32 other random bytes, never used before.</param>
    public HandshakeState(
        bool isInitiator, ReadOnlySpan<byte> staticPrivateKey, ReadOnlySpan<byte> ephemeralPrivateKey)
    {
        IsInitiator = isInitiator;
        _static = new X25519KeyPair(staticPrivateKey);
        _ephemeral = new X25519KeyPair(ephemeralPrivateKey);
        _symmetric = new SymmetricState("Noise_XX_25519_ChaChaPoly_SHA256"u8);
        _symmetric.MixHash(default); // the prologue
    }

    /// <summary>Whether this side spoke first.</summary>
    public bool IsInitiator { get; }

    /// <summary>What has to be done next.</summary>
    public HandshakeStep Step
    {
        get
        {
            if (_isOver)
            {
                return HandshakeStep.Over;
            }

            if (_message == MessageCount)
            {
                return HandshakeStep.Split;
            }

            return (_message % 2 == 0) == IsInitiator ? HandshakeStep.Write : HandshakeStep.Read;
        }
    }

    /// <summary>Our static public key.</summary>
    public ReadOnlySpan<byte> StaticPublicKey => _static.PublicKey;

    /// <summary>The peer's static public key; all zeros until the message that brings it was read.</summary>
    public ReadOnlySpan<byte> RemoteStaticKey => _remoteStatic;

    /// <summary>Hash of the transcript; both sides have the same after the last message.</summary>
    public ReadOnlySpan<byte> HandshakeHash => _symmetric.Hash;

    /// <summary>Bytes that the next message needs beside its payload.</summary>
    public int OverheadBytes => _message switch
    {
        0 => NoiseLimits.KeyBytes,
        1 => NoiseLimits.KeyBytes + SealedKeyBytes + NoiseLimits.TagBytes,
        _ => SealedKeyBytes + NoiseLimits.TagBytes,
    };

    /// <summary>Writes our next message.</summary>
    /// <param name="payload">Travels along, encrypted from the second message on.</param>
    /// <param name="message">At least <see cref="OverheadBytes"/> longer than the payload.</param>
    /// <param name="length">Bytes written.</param>
    /// <returns><see cref="HandshakeFailure.WeakKey"/> if the peer's key gave no secret, else none.</returns>
    /// <exception cref="InvalidOperationException">It isn't our turn.</exception>
    public HandshakeFailure WriteMessage(ReadOnlySpan<byte> payload, Span<byte> message, out int length)
    {
        RequireStep(HandshakeStep.Write);
        length = OverheadBytes + payload.Length;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, NoiseLimits.MessageBytesMax, nameof(payload));
        ArgumentOutOfRangeException.ThrowIfLessThan(message.Length, length, nameof(message));
        Span<byte> rest = message[..length];
        if (_message != 2)
        {
            _ephemeral.PublicKey.CopyTo(rest);
            _symmetric.MixHash(_ephemeral.PublicKey);
            rest = rest[NoiseLimits.KeyBytes..];
        }

        if (_message != 0 && !TryWriteStatic(ref rest))
        {
            length = 0;
            return Fail(HandshakeFailure.WeakKey);
        }

        _symmetric.EncryptAndHash(payload, rest);
        _message++;
        return HandshakeFailure.None;
    }

    /// <summary>Reads the peer's next message.</summary>
    /// <param name="message">The whole message, without its length.</param>
    /// <param name="payload">Takes the payload; as long as the message always suffices.</param>
    /// <param name="payloadLength">Bytes of payload.</param>
    /// <returns>None, or why the handshake ended.</returns>
    /// <exception cref="InvalidOperationException">It isn't the peer's turn.</exception>
    public HandshakeFailure ReadMessage(ReadOnlySpan<byte> message, Span<byte> payload, out int payloadLength)
    {
        RequireStep(HandshakeStep.Read);
        payloadLength = 0;
        if (message.Length < OverheadBytes)
        {
            return Fail(HandshakeFailure.TooShort);
        }

        if (message.Length > NoiseLimits.MessageBytesMax)
        {
            return Fail(HandshakeFailure.TooLong);
        }

        int length = message.Length - OverheadBytes;
        ArgumentOutOfRangeException.ThrowIfLessThan(payload.Length, length, nameof(payload));
        HandshakeFailure failure = ReadKeys(ref message);
        if (failure != HandshakeFailure.None)
        {
            return Fail(failure);
        }

        if (!_symmetric.TryDecryptAndHash(message, payload[..length]))
        {
            return Fail(HandshakeFailure.TagMismatch);
        }

        payloadLength = length;
        _message++;
        return HandshakeFailure.None;
    }

    /// <summary>Takes the keys of the connection; the handshake is over. The caller owns both.</summary>
    /// <param name="send">Seals what we send.</param>
    /// <param name="receive">Opens what we receive.</param>
    /// <exception cref="InvalidOperationException">The handshake isn't complete.</exception>
    public void Split(out CipherState send, out CipherState receive)
    {
        RequireStep(HandshakeStep.Split);
        Span<byte> keys = stackalloc byte[2 * NoiseLimits.KeyBytes];
        Span<byte> fromInitiator = keys[..NoiseLimits.KeyBytes];
        Span<byte> fromResponder = keys[NoiseLimits.KeyBytes..];
        SplitKeys(fromInitiator, fromResponder);
        send = new CipherState(IsInitiator ? fromInitiator : fromResponder);
        receive = new CipherState(IsInitiator ? fromResponder : fromInitiator);
        CryptographicOperations.ZeroMemory(keys);
        Dispose();
    }

    /// <summary>Wipes every key; the handshake is over. The handshake hash stays readable.</summary>
    public void Dispose()
    {
        _isOver = true;
        _static.Dispose();
        _ephemeral.Dispose();
        _symmetric.Dispose();
    }

    internal void SplitKeys(Span<byte> fromInitiator, Span<byte> fromResponder) =>
        _symmetric.Split(fromInitiator, fromResponder);

    private bool TryWriteStatic(ref Span<byte> rest)
    {
        // Nothing secret is written before the first shared secret is known to be one.
        if (_message == 1 && !TryMix(_ephemeral, _remoteEphemeral))
        {
            return false;
        }

        _symmetric.EncryptAndHash(_static.PublicKey, rest[..SealedKeyBytes]);
        rest = rest[SealedKeyBytes..];
        return TryMix(_static, _remoteEphemeral); // es of message 2, se of message 3
    }

    private HandshakeFailure ReadKeys(ref ReadOnlySpan<byte> message)
    {
        if (_message != 2)
        {
            message[..NoiseLimits.KeyBytes].CopyTo(_remoteEphemeral);
            _symmetric.MixHash(_remoteEphemeral);
            message = message[NoiseLimits.KeyBytes..];
        }

        if (_message == 1 && !TryMix(_ephemeral, _remoteEphemeral))
        {
            return HandshakeFailure.WeakKey;
        }

        if (_message == 0)
        {
            return HandshakeFailure.None;
        }

        if (!_symmetric.TryDecryptAndHash(message[..SealedKeyBytes], _remoteStatic))
        {
            return HandshakeFailure.TagMismatch;
        }

        message = message[SealedKeyBytes..];
        // es of message 2, se of message 3
        return TryMix(_ephemeral, _remoteStatic) ? HandshakeFailure.None : HandshakeFailure.WeakKey;
    }

    private bool TryMix(X25519KeyPair ours, ReadOnlySpan<byte> theirs)
    {
        Span<byte> shared = stackalloc byte[NoiseLimits.KeyBytes];
        bool isGood = ours.TryAgree(theirs, shared);
        if (isGood)
        {
            _symmetric.MixKey(shared);
        }

        CryptographicOperations.ZeroMemory(shared);
        return isGood;
    }

    private HandshakeFailure Fail(HandshakeFailure failure)
    {
        Dispose();
        return failure;
    }

    private void RequireStep(HandshakeStep step)
    {
        if (Step != step)
        {
            throw new InvalidOperationException($"The handshake waits for {Step}, not for {step}.");
        }
    }
}

namespace EdgeMesh.Noise;

/// <summary>Why a handshake message was refused. After any but <see cref="None"/> the handshake is over.</summary>
public enum HandshakeFailure
{
    /// <summary>The message was good.</summary>
    None = 0,

    /// <summary>Shorter than the keys and tags that its pattern demands.</summary>
    TooShort,

    /// <summary>Longer than <see cref="NoiseLimits.MessageBytesMax"/>.</summary>
    TooLong,

    /// <summary>A tag was wrong: tampered with, or another handshake's message.</summary>
    TagMismatch,

    /// <summary>A public key of low order: the shared secret would be all zeros (RFC 7748 §6.1).</summary>
    WeakKey,
}

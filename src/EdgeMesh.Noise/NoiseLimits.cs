namespace EdgeMesh.Noise;

/// <summary>The sizes of the Noise protocol framework (revision 34) and of libp2p's frames around it. Bytes.</summary>
public static class NoiseLimits
{
    /// <summary>Longest Noise message, tag included (Noise §3).</summary>
    public const int MessageBytesMax = 65535;

    /// <summary>The Poly1305 tag after every ciphertext (RFC 8439 §2.5).</summary>
    public const int TagBytes = 16;

    /// <summary>Longest plaintext of one message.</summary>
    public const int PlaintextBytesMax = MessageBytesMax - TagBytes;

    /// <summary>The big-endian length before each message on the wire (libp2p noise, "Wire Format").</summary>
    public const int LengthBytes = 2;

    /// <summary>A key of X25519 (private, public or shared) or of the cipher (RFC 7748 §5, Noise §12.1).</summary>
    public const int KeyBytes = 32;

    /// <summary>A SHA-256 digest: the handshake hash (Noise §12.5).</summary>
    public const int HashBytes = 32;

    /// <summary>The nonce of ChaCha20-Poly1305: 4 zero bytes, then 64 bits little-endian (Noise §12.3).</summary>
    internal const int NonceBytes = 12;

    // Compile-time assertions: -1 does not fit a byte, so a false condition fails the build.
    internal const byte LengthFieldHoldsMessage = MessageBytesMax < (1 << (8 * LengthBytes)) ? 0 : -1;
    internal const byte PlaintextIsKnown = PlaintextBytesMax == 65519 ? 0 : -1;
}

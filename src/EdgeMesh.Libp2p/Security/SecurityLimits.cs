using EdgeMesh.Noise;

namespace EdgeMesh.Libp2p.Security;

/// <summary>Limits of the upgrade: what a stranger may cost before it is known.</summary>
public static class SecurityLimits
{
    /// <summary>Longest handshake message, bytes. Ours have 216; an RSA identity of 8192 bits needs 2400.</summary>
    public const int HandshakeMessageBytesMax = 4096;

    /// <summary>Longest list of muxers that counts (go-libp2p's limit).</summary>
    public const int MuxersMax = 100;

    /// <summary>Noise messages that the muxer's negotiation may take; ours takes one in each direction.</summary>
    public const int MuxerMessagesMax = 256;

    // Compile-time assertion: -1 does not fit a byte, so a false condition fails the build.
    internal const byte HandshakeMessageIsNoiseMessage =
        HandshakeMessageBytesMax <= NoiseLimits.MessageBytesMax ? 0 : -1;
}

using System;
using EdgeMesh.Noise;

namespace EdgeMesh.FuzzTargets;

/// <summary>Noise messages that nobody with the keys has made: they are refused and end the handshake.</summary>
public static class NoiseHandshakeTarget
{
    /// <summary>Gives the bytes to every step that reads, and to a transport key.</summary>
    public static void Run(ReadOnlySpan<byte> bytes)
    {
        byte[] payload = new byte[bytes.Length];
        byte[] own = new byte[NoiseLimits.MessageBytesMax];

        using HandshakeState responder = Make(isInitiator: false);
        if (responder.ReadMessage(bytes, payload, out _) == HandshakeFailure.None)
        {
            bool isWritten = responder.WriteMessage([], own, out _) == HandshakeFailure.None;
            Invariant.Holds(
                !isWritten || responder.ReadMessage(bytes, payload, out _) != HandshakeFailure.None,
                "no forged third message is accepted");
        }

        using HandshakeState initiator = Make(isInitiator: true);
        initiator.WriteMessage([], own, out _);
        Invariant.Holds(
            initiator.ReadMessage(bytes, payload, out _) != HandshakeFailure.None,
            "no forged second message is accepted");
        Invariant.Holds(initiator.Step == HandshakeStep.Over, "a refused message ends the handshake");

        using var receive = new CipherState(new byte[NoiseLimits.KeyBytes]);
        bytes.CopyTo(payload);
        Invariant.Holds(!receive.TryOpenInPlace(payload, out int length), "no forged message is opened");
        Invariant.Holds(length == 0, "a refused message has no plaintext");
        Invariant.Holds(receive.Nonce == 0, "a refused message takes no nonce");
    }

    private static HandshakeState Make(bool isInitiator)
    {
        byte[] staticKey = new byte[NoiseLimits.KeyBytes];
        byte[] ephemeralKey = new byte[NoiseLimits.KeyBytes];
        // Not the keys of the vectors: the corpus holds their messages, which must be forged ones here.
        staticKey.AsSpan().Fill(isInitiator ? (byte)11 : (byte)13);
        ephemeralKey.AsSpan().Fill(isInitiator ? (byte)12 : (byte)14);
        return new HandshakeState(isInitiator, staticKey, ephemeralKey);
    }
}

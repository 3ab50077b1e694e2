using System;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Noise;
using Xunit;

namespace EdgeMesh.ConformanceTests.Vectors;

/// <summary>libp2p noise, sections "Wire Format" and "The libp2p Handshake Payload", with fixed keys.</summary>
public sealed class NoiseVectorTests : IDisposable
{
    private readonly HandshakeState _initiator = new(isInitiator: true, Filled(1), Filled(2));
    private readonly HandshakeState _responder = new(isInitiator: false, Filled(3), Filled(4));

    [Fact]
    public void Handshake_is_that_of_flynn_noise_byte_for_byte()
    {
        Exchange(_initiator, _responder, string.Empty, NoiseTranscript.Frame1);
        Exchange(_responder, _initiator, NoiseTranscript.ResponderPayload, NoiseTranscript.Frame2);
        Exchange(_initiator, _responder, NoiseTranscript.InitiatorPayload, NoiseTranscript.Frame3);

        Assert.Equal(NoiseTranscript.HandshakeHash, Convert.ToHexStringLower(_initiator.HandshakeHash));
        Assert.Equal(NoiseTranscript.HandshakeHash, Convert.ToHexStringLower(_responder.HandshakeHash));
        Assert.Equal(NoiseTranscript.ResponderStatic, Convert.ToHexStringLower(_initiator.RemoteStaticKey));
        Assert.Equal(NoiseTranscript.InitiatorStatic, Convert.ToHexStringLower(_responder.RemoteStaticKey));
        Assert.Equal(NoiseTranscript.InitiatorStatic, Convert.ToHexStringLower(_initiator.StaticPublicKey));

        _initiator.Split(out CipherState initiatorSend, out CipherState initiatorReceive);
        _responder.Split(out CipherState responderSend, out CipherState responderReceive);
        Transport(initiatorSend, responderReceive, "hello from initiator"u8, NoiseTranscript.InitiatorFrame0);
        Transport(initiatorSend, responderReceive, "second frame"u8, NoiseTranscript.InitiatorFrame1);
        Transport(responderSend, initiatorReceive, "hello from responder"u8, NoiseTranscript.ResponderFrame0);
    }

    [Fact]
    public void Cipher_states_of_the_vector_keys_give_the_vector_frames()
    {
        using var send = new CipherState(Convert.FromHexString(NoiseTranscript.Key1));
        using var receive = new CipherState(Convert.FromHexString(NoiseTranscript.Key1));
        Transport(send, receive, "hello from initiator"u8, NoiseTranscript.InitiatorFrame0);
        Transport(send, receive, "second frame"u8, NoiseTranscript.InitiatorFrame1);
        Assert.Equal(2UL, send.Nonce);
        Assert.Equal(2UL, receive.Nonce);

        using var back = new CipherState(Convert.FromHexString(NoiseTranscript.Key2));
        using var backReceive = new CipherState(Convert.FromHexString(NoiseTranscript.Key2));
        Transport(back, backReceive, "hello from responder"u8, NoiseTranscript.ResponderFrame0);
    }

    [Theory] // edge-node-1 as initiator, cloud-relay-0 as responder: fields 1 (key), 2 (signature), 4 (muxers)
    [InlineData(
        "fef3b810af3e49bb56fdf24bbb343375eff5ba0c790ae34018b3469de8c28435",
        NoiseTranscript.InitiatorStatic,
        NoiseTranscript.InitiatorPayload)]
    [InlineData(
        "de0088de63ac86661cfbf2aad5463b44fd3837f5f497b86ed1e0d6757644d1fa",
        NoiseTranscript.ResponderStatic,
        NoiseTranscript.ResponderPayload)]
    public void Identity_signs_the_static_key_as_in_the_payload(string seed, string staticKey, string payload)
    {
        using KeyPair pair = KeyPair.FromSeed(Convert.FromHexString(seed));
        byte[] signed = [.. "noise-libp2p-static-key:"u8, .. Convert.FromHexString(staticKey)];
        byte[] signature = pair.Sign(signed);

        string expected = "0a24" + Convert.ToHexStringLower(pair.PublicKeyProtobuf.Span)
            + "1240" + Convert.ToHexStringLower(signature)
            + "220e120c" + Convert.ToHexStringLower("/yamux/1.0.0"u8);
        Assert.Equal(payload, expected);
        Assert.True(pair.PublicKey.Verify(signed, signature));
    }

    public void Dispose()
    {
        _initiator.Dispose();
        _responder.Dispose();
    }

    private static byte[] Filled(byte value)
    {
        byte[] bytes = new byte[NoiseLimits.KeyBytes];
        Array.Fill(bytes, value);
        return bytes;
    }

    private static void Exchange(HandshakeState from, HandshakeState to, string payload, string frame)
    {
        byte[] buffer = new byte[NoiseLimits.MessageBytesMax];
        Assert.Equal(
            HandshakeFailure.None,
            from.WriteMessage(Convert.FromHexString(payload), buffer, out int length));
        Assert.Equal(frame, $"{length:x4}" + Convert.ToHexStringLower(buffer.AsSpan(0, length)));

        byte[] read = new byte[length];
        Assert.Equal(HandshakeFailure.None, to.ReadMessage(buffer.AsSpan(0, length), read, out int payloadLength));
        Assert.Equal(payload, Convert.ToHexStringLower(read.AsSpan(0, payloadLength)));
    }

    private static void Transport(CipherState from, CipherState to, ReadOnlySpan<byte> plaintext, string frame)
    {
        byte[] message = new byte[plaintext.Length + NoiseLimits.TagBytes];
        from.Seal(plaintext, message);
        Assert.Equal(frame, $"{message.Length:x4}" + Convert.ToHexStringLower(message));
        Assert.True(to.TryOpenInPlace(message, out int length));
        Assert.Equal(plaintext, message.AsSpan(0, length));
    }
}

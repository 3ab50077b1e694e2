using System;
using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security;
using EdgeMesh.Noise;
using Xunit;

namespace EdgeMesh.UnitTests.Libp2p.Security;

/// <summary>The other side, played by hand: says what the test wants it to say, true or not.</summary>
internal sealed class ScriptedPeer : IDisposable
{
    private readonly LinkEnd _end;

    public ScriptedPeer(LinkEnd end, bool isInitiator)
    {
        _end = end;
        Handshake = new HandshakeState(
            isInitiator, RandomNumberGenerator.GetBytes(32), RandomNumberGenerator.GetBytes(32));
    }

    public KeyPair Identity { get; } = KeyPair.Generate();

    public HandshakeState Handshake { get; }

    public CipherState SendState { get; private set; } = null!;

    public CipherState ReceiveState { get; private set; } = null!;

    public static byte[] Multistream(params string[] texts)
    {
        var bytes = new List<byte>();
        foreach (string text in texts)
        {
            bytes.Add((byte)(text.Length + 1));
            bytes.AddRange(Encoding.ASCII.GetBytes(text));
            bytes.Add((byte)'\n');
        }

        return [.. bytes];
    }

    public void Send(params byte[] bytes)
    {
        _end.Output.Write(bytes);
        _ = _end.Output.FlushAsync().AsTask();
    }

    public void SendFrame(ReadOnlySpan<byte> message)
    {
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16BigEndian(length, (ushort)message.Length);
        Send([.. length, .. message]);
    }

    public byte[] Write(ReadOnlySpan<byte> payload)
    {
        byte[] buffer = new byte[NoiseLimits.MessageBytesMax];
        Assert.Equal(HandshakeFailure.None, Handshake.WriteMessage(payload, buffer, out int length));
        return buffer[..length];
    }

    public void SendMessage(ReadOnlySpan<byte> payload) => SendFrame(Write(payload));

    public byte[] ReceiveMessage()
    {
        byte[] message = ReceiveFrame();
        byte[] payload = new byte[message.Length];
        Assert.Equal(HandshakeFailure.None, Handshake.ReadMessage(message, payload, out int length));
        return payload[..length];
    }

    public byte[] Receive(int length)
    {
        Assert.True(_end.Input.TryRead(out ReadResult result), "nothing came");
        byte[] bytes = result.Buffer.Slice(0, length).ToArray();
        _end.Input.AdvanceTo(result.Buffer.GetPosition(length));
        return bytes;
    }

    public byte[] ReceiveFrame() => Receive(BinaryPrimitives.ReadUInt16BigEndian(Receive(2)));

    public bool HasInput()
    {
        if (!_end.Input.TryRead(out ReadResult result))
        {
            return false;
        }

        _end.Input.AdvanceTo(result.Buffer.Start);
        return !result.Buffer.IsEmpty;
    }

    public byte[] Payload(params string[] muxers) => Payload(Handshake.StaticPublicKey, muxers);

    public byte[] Payload(ReadOnlySpan<byte> signedKey, string[] muxers) =>
        HandshakePayload.Write(Identity, signedKey, muxers);

    public void Split()
    {
        Handshake.Split(out CipherState send, out CipherState receive);
        SendState = send;
        ReceiveState = receive;
    }

    public byte[] Seal(ReadOnlySpan<byte> plaintext)
    {
        byte[] message = new byte[plaintext.Length + NoiseLimits.TagBytes];
        SendState.Seal(plaintext, message);
        return message;
    }

    public void SendSealed(ReadOnlySpan<byte> plaintext) => SendFrame(Seal(plaintext));

    public byte[] ReceiveSealed()
    {
        byte[] message = ReceiveFrame();
        Assert.True(ReceiveState.TryOpenInPlace(message, out int length));
        return message[..length];
    }

    public void Close() => _end.Output.Complete();

    public void Dispose()
    {
        Identity.Dispose();
        Handshake.Dispose();
        SendState?.Dispose();
        ReceiveState?.Dispose();
    }
}

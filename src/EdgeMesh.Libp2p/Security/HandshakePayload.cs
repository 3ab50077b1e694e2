using System;
using System.Collections.Generic;
using EdgeMesh.Libp2p.Identity;
using EdgeMesh.Libp2p.Security.Messages;
using Google.Protobuf;

namespace EdgeMesh.Libp2p.Security;

/// <summary>What each side proves and offers inside the handshake: who it is, and which muxers it has.</summary>
internal sealed class HandshakePayload
{
    private readonly byte[] _signature;

    private HandshakePayload(PublicKey key, byte[] signature, IReadOnlyList<string> muxers)
    {
        Key = key;
        _signature = signature;
        Muxers = muxers;
    }

    /// <summary>The identity that the peer claims; an Ed25519 key.</summary>
    public PublicKey Key { get; }

    /// <summary>The peer's muxers, best first; empty if it negotiates them later.</summary>
    public IReadOnlyList<string> Muxers { get; }

    // "The libp2p Handshake Payload" of libp2p noise.
    private static ReadOnlySpan<byte> SignedPrefix => "noise-libp2p-static-key:"u8;

    /// <summary>Our own payload.</summary>
    public static byte[] Write(KeyPair identity, ReadOnlySpan<byte> staticKey, IReadOnlyList<string> muxers)
    {
        byte[] signature = identity.Sign([.. SignedPrefix, .. staticKey]);
        var payload = new NoiseHandshakePayload
        {
            IdentityKey = ByteString.CopyFrom(identity.PublicKeyProtobuf.Span),
            IdentitySig = ByteString.CopyFrom(signature),
        };
        if (muxers.Count > 0)
        {
            payload.Extensions = new NoiseExtensions();
            payload.Extensions.StreamMuxers.AddRange(muxers);
        }

        return payload.ToByteArray();
    }

    /// <summary>Reads the peer's payload. Its signature isn't checked yet.</summary>
    /// <exception cref="UpgradeException">It is malformed or its key is of another kind.</exception>
    public static HandshakePayload Read(ReadOnlySpan<byte> bytes)
    {
        NoiseHandshakePayload payload;
        try
        {
            payload = NoiseHandshakePayload.Parser.ParseFrom(bytes);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new UpgradeException(
                UpgradeFailure.Malformed, "the handshake payload is no protobuf message", inner: e);
        }

        if (!PublicKey.TryDecode(payload.IdentityKey.Span, out PublicKey? key, out string? reason))
        {
            throw new UpgradeException(UpgradeFailure.Malformed, reason);
        }

        if (key.Type != KeyType.Ed25519)
        {
            throw new UpgradeException(
                UpgradeFailure.UnsupportedKeyType, $"the peer has an identity key of type {key.Type}, a node Ed25519");
        }

        IReadOnlyList<string> muxers = payload.Extensions is null ? [] : [.. payload.Extensions.StreamMuxers];
        return new HandshakePayload(key, payload.IdentitySig.ToByteArray(), muxers);
    }

    /// <summary>Whether the claimed identity signed this static key: the proof.</summary>
    public bool Proves(ReadOnlySpan<byte> remoteStaticKey) =>
        Key.Verify([.. SignedPrefix, .. remoteStaticKey], _signature);
}

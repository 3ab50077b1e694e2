using System;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.Addresses;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EdgeMesh.Libp2p.Identity;

/// <summary>An identity's public key (libp2p peer-ids, "Keys").</summary>
/// <remarks><code>
///   08 type  12 length data      protobuf, both fields present, in this order, minimal: one key has one encoding
/// </code></remarks>
public sealed class PublicKey
{
    private const byte TypeTag = 0x08;
    private const byte DataTag = 0x12;
    private const int TypeOffset = 1;
    private const int DataTagOffset = 2;
    private const int LengthOffset = 3;

    private readonly byte[] _protobuf;
    private readonly int _dataOffset;

    private PublicKey(byte[] protobuf, int dataOffset)
    {
        _protobuf = protobuf;
        _dataOffset = dataOffset;
        PeerId = PeerId.FromPublicKeyProtobuf(protobuf);
    }

    /// <summary>The kind of key.</summary>
    public KeyType Type => (KeyType)_protobuf[TypeOffset];

    /// <summary>The key itself, in the form of its kind.</summary>
    public ReadOnlySpan<byte> Data => _protobuf.AsSpan(_dataOffset);

    /// <summary>The key as it travels.</summary>
    public ReadOnlyMemory<byte> Protobuf => _protobuf;

    /// <summary>The id of the peer that owns the key.</summary>
    public PeerId PeerId { get; }

    /// <summary>Wraps an Ed25519 key.</summary>
    /// <param name="key">32 bytes.</param>
    public static PublicKey FromEd25519(ReadOnlySpan<byte> key)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(key.Length, IdentityLimits.Ed25519KeyBytes, nameof(key));
        byte[] protobuf = [TypeTag, (byte)KeyType.Ed25519, DataTag, IdentityLimits.Ed25519KeyBytes, .. key];
        return new PublicKey(protobuf, LengthOffset + 1);
    }

    /// <summary>The key that an id holds.</summary>
    /// <param name="id">The peer.</param>
    /// <param name="key">Its key.</param>
    /// <returns>False if the id is the hash of a longer key.</returns>
    public static bool TryFromPeerId(PeerId id, [NotNullWhen(true)] out PublicKey? key)
    {
        ArgumentNullException.ThrowIfNull(id);
        return TryDecode(id.InlineKey.Span, out key, out _);
    }

    /// <summary>Reads a key of any kind; strict, since the peer id is made of these very bytes.</summary>
    /// <param name="protobuf">The whole message.</param>
    /// <param name="key">The key.</param>
    /// <param name="reason">What is wrong with it.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> protobuf,
        [NotNullWhen(true)] out PublicKey? key,
        [NotNullWhen(false)] out string? reason)
    {
        key = null;
        reason = "the public key is not a minimal protobuf of type and data";
        if (protobuf.Length is <= LengthOffset or > IdentityLimits.PublicKeyProtobufBytesMax)
        {
            return false;
        }

        if (protobuf[0] != TypeTag || protobuf[DataTagOffset] != DataTag)
        {
            return false;
        }

        VarintResult result = UnsignedVarint.TryRead(protobuf[LengthOffset..], out ulong length, out int lengthBytes);
        int dataOffset = LengthOffset + lengthBytes;
        if (result != VarintResult.Good || length == 0 || length != (ulong)(protobuf.Length - dataOffset))
        {
            return false;
        }

        var type = (KeyType)protobuf[TypeOffset];
        if (type > KeyType.Ecdsa)
        {
            reason = $"the public key has the unknown type {(int)type}";
            return false;
        }

        if (type == KeyType.Ed25519 && length != IdentityLimits.Ed25519KeyBytes)
        {
            reason = $"an Ed25519 public key has 32 bytes, this one {length}";
            return false;
        }

        key = new PublicKey(protobuf.ToArray(), dataOffset);
        reason = null;
        return true;
    }

    /// <summary>Checks a signature.</summary>
    /// <returns>True if this key made the signature. False also for every kind of key but Ed25519.</returns>
    public bool Verify(ReadOnlySpan<byte> message, ReadOnlySpan<byte> signature) =>
        Type == KeyType.Ed25519
        && signature.Length == IdentityLimits.SignatureBytes
        && Ed25519.Verify(signature, Data, message);
}

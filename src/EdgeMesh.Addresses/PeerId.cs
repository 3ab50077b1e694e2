using System;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace EdgeMesh.Addresses;

/// <summary>Names a peer: its public key, or that key's hash, as a multihash (libp2p peer-ids, "Peer Ids").</summary>
/// <remarks><code>
///   00 length key-protobuf      "identity": keys of at most 42 bytes, so every Ed25519 key (12D3KooW...)
///   12 20 sha-256               longer keys (Qm...)
/// </code></remarks>
public sealed class PeerId : IEquatable<PeerId>, IComparable<PeerId>
{
    private const byte IdentityCode = 0x00;
    private const byte Sha256Code = 0x12;
    private const int HeaderBytes = 2;

    // CIDv1 (01), codec libp2p-key (72).
    private const byte CidVersion = 0x01;
    private const byte CidCodecKey = 0x72;
    private const char MultibaseBase32 = 'b';

    private readonly byte[] _bytes;
    private readonly int _hashCode;
    private string? _text;

    private PeerId(byte[] bytes)
    {
        _bytes = bytes;
        var hash = default(HashCode);
        hash.AddBytes(bytes);
        _hashCode = hash.ToHashCode();
    }

    /// <summary>The multihash: the id as it travels.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes;

    /// <summary>Whether two ids name the same peer.</summary>
    public static bool operator ==(PeerId? left, PeerId? right) => left?.Equals(right) ?? right is null;

    /// <summary>Whether two ids name different peers.</summary>
    public static bool operator !=(PeerId? left, PeerId? right) => !(left == right);

    /// <summary>Whether <paramref name="left"/> comes first in the order of bytes.</summary>
    public static bool operator <(PeerId? left, PeerId? right) => Compare(left, right) < 0;

    /// <summary>Whether <paramref name="left"/> comes last in the order of bytes.</summary>
    public static bool operator >(PeerId? left, PeerId? right) => Compare(left, right) > 0;

    /// <summary>Whether <paramref name="left"/> doesn't come last in the order of bytes.</summary>
    public static bool operator <=(PeerId? left, PeerId? right) => Compare(left, right) <= 0;

    /// <summary>Whether <paramref name="left"/> doesn't come first in the order of bytes.</summary>
    public static bool operator >=(PeerId? left, PeerId? right) => Compare(left, right) >= 0;

    /// <summary>Reads base58 (<c>12D3KooW...</c>, <c>Qm...</c>) or a CIDv1 in base32 (<c>bafz...</c>).</summary>
    /// <exception cref="FormatException">The text is no peer id; the message says why.</exception>
    public static PeerId Parse(string text) =>
        TryParse(text, out PeerId? id, out string? reason)
            ? id
            : throw new FormatException($"'{text}' is no peer id: {reason}.");

    /// <summary>Reads an id as <see cref="Parse"/> does.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out PeerId? id) => TryParse(text, out id, out _);

    /// <summary>Reads an id as <see cref="Parse"/> does.</summary>
    /// <param name="text">The text, without white space.</param>
    /// <param name="id">The id.</param>
    /// <param name="reason">What is wrong with the text.</param>
    public static bool TryParse(
        string? text,
        [NotNullWhen(true)] out PeerId? id,
        [NotNullWhen(false)] out string? reason)
    {
        id = null;
        if (string.IsNullOrEmpty(text))
        {
            reason = "it is empty";
            return false;
        }

        if (text.Length > PeerIdLimits.PeerIdCharsMax)
        {
            reason = $"it is longer than {PeerIdLimits.PeerIdCharsMax} characters";
            return false;
        }

        if (text[0] == '1' || text.StartsWith("Qm", StringComparison.Ordinal))
        {
            if (Base58.TryDecode(text, out byte[]? multihash))
            {
                return TryDecode(multihash, out id, out reason);
            }

            reason = "a character isn't of the base58 alphabet";
            return false;
        }

        return TryParseCid(text, out id, out reason);
    }

    /// <summary>Reads the multihash of an id.</summary>
    /// <param name="multihash">The whole of it and nothing else.</param>
    /// <param name="id">The id.</param>
    /// <param name="reason">What is wrong with it.</param>
    public static bool TryDecode(
        ReadOnlySpan<byte> multihash,
        [NotNullWhen(true)] out PeerId? id,
        [NotNullWhen(false)] out string? reason)
    {
        id = null;
        if (multihash.Length < HeaderBytes + 1 || multihash[1] != multihash.Length - HeaderBytes)
        {
            reason = "its length isn't the one it names";
            return false;
        }

        switch (multihash[0])
        {
            case IdentityCode when multihash.Length > PeerIdLimits.PeerIdBytesMax:
                reason = $"a key of more than {PeerIdLimits.InlineKeyBytesMax} bytes must be hashed";
                return false;
            case Sha256Code when multihash.Length != HeaderBytes + SHA256.HashSizeInBytes:
                reason = "a SHA-256 digest has 32 bytes";
                return false;
            case IdentityCode or Sha256Code:
                id = new PeerId(multihash.ToArray());
                reason = null;
                return true;
            default:
                reason = $"its hash function 0x{multihash[0]:x2} is neither identity nor sha2-256";
                return false;
        }
    }

    /// <summary>The bytes of the public key's protobuf, if the id holds them; else empty.</summary>
    public ReadOnlyMemory<byte> InlineKey =>
        _bytes[0] == IdentityCode ? _bytes.AsMemory(HeaderBytes) : ReadOnlyMemory<byte>.Empty;

    /// <inheritdoc/>
    public bool Equals(PeerId? other) => other is not null && _bytes.AsSpan().SequenceEqual(other._bytes);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as PeerId);

    /// <inheritdoc/>
    public override int GetHashCode() => _hashCode;

    /// <summary>Orders ids by their bytes: both ends of a connection see the same order.</summary>
    public int CompareTo(PeerId? other) => other is null ? 1 : _bytes.AsSpan().SequenceCompareTo(other._bytes);

    /// <summary>The id in base58.</summary>
    public override string ToString() => _text ??= Base58.Encode(_bytes);

    /// <summary>The id as a CIDv1 in base32.</summary>
    public string ToCidString() => MultibaseBase32 + Base32.Encode([CidVersion, CidCodecKey, .. _bytes]);

    /// <summary>The id of a public key (libp2p peer-ids, "Peer Ids").</summary>
    /// <param name="protobuf">The key's protobuf, in its one right encoding.</param>
    public static PeerId FromPublicKeyProtobuf(ReadOnlySpan<byte> protobuf) =>
        protobuf.Length <= PeerIdLimits.InlineKeyBytesMax
            ? new PeerId([IdentityCode, (byte)protobuf.Length, .. protobuf])
            : new PeerId([Sha256Code, SHA256.HashSizeInBytes, .. SHA256.HashData(protobuf)]);

    private static int Compare(PeerId? left, PeerId? right) =>
        left is null ? (right is null ? 0 : -1) : left.CompareTo(right);

    private static bool TryParseCid(
        string text,
        [NotNullWhen(true)] out PeerId? id,
        [NotNullWhen(false)] out string? reason)
    {
        id = null;
        if (text[0] != MultibaseBase32)
        {
            reason = "it begins neither like base58 ('1', 'Qm') nor like a CID in base32 ('b')";
            return false;
        }

        if (!Base32.TryDecode(text.AsSpan(1), out byte[]? cid))
        {
            reason = "it isn't base32 in lower case without padding";
            return false;
        }

        if (cid.Length < 2 || cid[0] != CidVersion || cid[1] != CidCodecKey)
        {
            reason = "it isn't a CID of version 1 for a libp2p key";
            return false;
        }

        return TryDecode(cid.AsSpan(2), out id, out reason);
    }
}

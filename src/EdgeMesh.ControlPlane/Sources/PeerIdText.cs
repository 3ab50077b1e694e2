using System;
using System.Diagnostics.CodeAnalysis;
using EdgeMesh.ControlChannel;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>
/// Reads a peer id's text: base58btc of the multihash, or a CIDv1 of codec libp2p-key (libp2p specs, peer-ids).
/// </summary>
internal static class PeerIdText
{
    private const byte CidVersion = 1;
    private const byte CodecLibp2pKey = 0x72;
    private const int TextCharsMax = 128;
    // RFC 4648, lower case, without padding: multibase 'b'
    private const string Base32 = "abcdefghijklmnopqrstuvwxyz234567";

    internal static bool TryDecode(
        string text, [NotNullWhen(true)] out byte[]? multihash, [NotNullWhen(false)] out string? error)
    {
        error = null;
        if (TryDecodeBytes(text, out multihash) && MeshDocuments.IsPeerId(multihash))
        {
            return true;
        }

        multihash = null;
        error = "this is no peer id: take what 'edgemesh-dataplane identity' prints on that node (12D3KooW...)";
        return false;
    }

    private static bool TryDecodeBytes(string text, [NotNullWhen(true)] out byte[]? multihash)
    {
        multihash = null;
        if (text.Length is 0 or > TextCharsMax)
        {
            return false;
        }

        if (text[0] == '1' || text.StartsWith("Qm", StringComparison.Ordinal))
        {
            return Base58.TryDecode(text, out multihash);
        }

        byte[]? cid = null;
        bool isDecoded = text[0] switch
        {
            'b' => TryDecodeBase32(text.AsSpan(1), out cid),
            'z' => Base58.TryDecode(text.AsSpan(1), out cid),
            _ => false,
        };
        if (!isDecoded || cid is null || cid.Length < 3 || cid[0] != CidVersion || cid[1] != CodecLibp2pKey)
        {
            return false;
        }

        multihash = cid[2..];
        return true;
    }

    private static bool TryDecodeBase32(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        byte[] decoded = new byte[text.Length * 5 / 8];
        int buffer = 0;
        int bits = 0;
        int used = 0;
        foreach (char c in text)
        {
            int digit = Base32.IndexOf(c, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            buffer = (buffer << 5) | digit;
            bits += 5;
            if (bits >= 8)
            {
                bits -= 8;
                decoded[used++] = (byte)(buffer >> bits);
                buffer &= (1 << bits) - 1;
            }
        }

        if (buffer != 0 || bits >= 5)
        {
            return false;
        }

        bytes = decoded;
        return true;
    }
}

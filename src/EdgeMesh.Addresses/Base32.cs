using System;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Addresses;

/// <summary>Base32 of RFC 4648 §6, lower case and without padding: the text of CIDs (multibase 'b').</summary>
internal static class Base32
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerChar = 5;
    private const int BitsPerByte = 8;

    /// <summary>Encodes.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        char[] text = new char[((bytes.Length * BitsPerByte) + BitsPerChar - 1) / BitsPerChar];
        for (int i = 0; i < text.Length; i++)
        {
            int digit = 0;
            for (int bit = i * BitsPerChar; bit < (i + 1) * BitsPerChar; bit++)
            {
                int index = bit / BitsPerByte;
                int value = index < bytes.Length ? bytes[index] >> (BitsPerByte - 1 - (bit % BitsPerByte)) : 0;
                digit = (digit << 1) | (value & 1);
            }

            text[i] = Alphabet[digit];
        }

        return new string(text);
    }

    /// <summary>Decodes.</summary>
    /// <returns>False if a character isn't of the alphabet, or bits after the last byte are set.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        byte[] decoded = new byte[text.Length * BitsPerChar / BitsPerByte];
        int bits = 0;
        int pending = 0;
        int count = 0;
        foreach (char current in text)
        {
            int digit = Alphabet.IndexOf(current, StringComparison.Ordinal);
            if (digit < 0)
            {
                return false;
            }

            pending = (pending << BitsPerChar) | digit;
            bits += BitsPerChar;
            if (bits >= BitsPerByte)
            {
                bits -= BitsPerByte;
                decoded[count++] = (byte)(pending >> bits);
                pending &= (1 << bits) - 1;
            }
        }

        // A whole unused character, or set bits, would give one id two texts.
        if (bits >= BitsPerChar || pending != 0)
        {
            return false;
        }

        bytes = decoded;
        return true;
    }
}

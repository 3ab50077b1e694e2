using System;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.ControlPlane.Sources;

/// <summary>Base58 with Bitcoin's alphabet (multibase 'z').</summary>
internal static class Base58
{
    private const int TextCharsMax = 128; // decoding is quadratic; a peer id has 52 characters

    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

    internal static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        if (text.IsEmpty || text.Length > TextCharsMax)
        {
            return false;
        }

        int zeros = 0;
        while (zeros < text.Length && text[zeros] == '1')
        {
            zeros++;
        }

        // A digit holds log2(58) = 5.858 bits, less than 6 of 8.
        Span<byte> number = stackalloc byte[(TextCharsMax * 6 / 8) + 1];
        int used = 0; // little-endian base 256, [0, used)
        foreach (char c in text[zeros..])
        {
            int carry = Alphabet.IndexOf(c, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (int i = 0; i < used || carry != 0; i++)
            {
                carry += i < used ? number[i] * 58 : 0;
                number[i] = (byte)(carry & 0xff);
                carry >>= 8;
                used = Math.Max(used, i + 1);
            }
        }

        bytes = new byte[zeros + used];
        for (int i = 0; i < used; i++)
        {
            bytes[zeros + i] = number[used - 1 - i];
        }

        return true;
    }
}

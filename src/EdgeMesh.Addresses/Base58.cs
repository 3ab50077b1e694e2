using System;
using System.Diagnostics.CodeAnalysis;

namespace EdgeMesh.Addresses;

/// <summary>Base58 with Bitcoin's alphabet: peer ids as text. Quadratic, so callers bound the length.</summary>
internal static class Base58
{
    private const string Alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    private const int Radix = 58;
    private const int ByteValues = 256;

    /// <summary>Encodes; each leading zero byte is one leading '1'.</summary>
    public static string Encode(ReadOnlySpan<byte> bytes)
    {
        int zeros = 0;
        while (zeros < bytes.Length && bytes[zeros] == 0)
        {
            zeros++;
        }

        // log(256) / log(58) < 1.37 digits a byte. digits[..count] is the number so far, least digit first.
        Span<byte> digits = new byte[((bytes.Length - zeros) * 137 / 100) + 1];
        int count = 0;
        foreach (byte current in bytes[zeros..])
        {
            int carry = current;
            for (int i = 0; i < count || carry != 0; i++)
            {
                carry += digits[i] * ByteValues;
                digits[i] = (byte)(carry % Radix);
                carry /= Radix;
                count = Math.Max(count, i + 1);
            }
        }

        char[] text = new char[zeros + count];
        text.AsSpan(0, zeros).Fill(Alphabet[0]);
        for (int i = 0; i < count; i++)
        {
            text[zeros + i] = Alphabet[digits[count - 1 - i]];
        }

        return new string(text);
    }

    /// <summary>Decodes.</summary>
    /// <returns>False if a character isn't of the alphabet.</returns>
    public static bool TryDecode(ReadOnlySpan<char> text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        int zeros = 0;
        while (zeros < text.Length && text[zeros] == Alphabet[0])
        {
            zeros++;
        }

        // Less than one byte a digit. number[..count] is the number so far, least byte first.
        Span<byte> number = new byte[text.Length - zeros];
        int count = 0;
        foreach (char current in text[zeros..])
        {
            int carry = Alphabet.IndexOf(current, StringComparison.Ordinal);
            if (carry < 0)
            {
                return false;
            }

            for (int i = 0; i < count || carry != 0; i++)
            {
                carry += number[i] * Radix;
                number[i] = (byte)(carry % ByteValues);
                carry /= ByteValues;
                count = Math.Max(count, i + 1);
            }
        }

        bytes = new byte[zeros + count];
        for (int i = 0; i < count; i++)
        {
            bytes[zeros + i] = number[count - 1 - i];
        }

        return true;
    }
}

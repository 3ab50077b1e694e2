using System;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>What the texts of both kinds of prefix have in common.</summary>
internal static class PrefixText
{
    /// <summary>Reads a decimal number of one to three digits without leading zeros.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, int max, out int number)
    {
        // By hand: the platform's parser takes zero characters after the digits.
        number = 0;
        bool isPlain = text.Length is >= 1 and <= 3 && (text.Length == 1 || text[0] != '0');
        if (!isPlain || text.ContainsAnyExceptInRange('0', '9'))
        {
            return false;
        }

        foreach (char digit in text)
        {
            number = (number * 10) + (digit - '0');
        }

        return number <= max;
    }
}

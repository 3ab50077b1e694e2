using System;
using System.Globalization;

namespace EdgeMesh.Forwarding.Routing;

/// <summary>What the texts of both kinds of prefix have in common.</summary>
internal static class PrefixText
{
    /// <summary>Reads a decimal number of one to three digits without leading zeros.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, int max, out int number)
    {
        number = 0;
        bool isPlain = text.Length is >= 1 and <= 3 && (text.Length == 1 || text[0] != '0');
        return isPlain
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number)
            && number <= max;
    }
}

using System.Globalization;

namespace EdgeMesh.Perf;

/// <summary>Text that came from elsewhere, fit for a terminal.</summary>
internal static class PlainText
{
    /// <summary>
    /// Replaces what could move the cursor, ring, colour or reverse: a peer's words must not drive a terminal.
    /// </summary>
    public static string Of(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (int i = 0; i < source.Length; i++)
            {
                span[i] = char.GetUnicodeCategory(source[i]) is UnicodeCategory.Control
                    or UnicodeCategory.Format
                    or UnicodeCategory.LineSeparator
                    or UnicodeCategory.ParagraphSeparator
                    ? '?'
                    : source[i];
            }
        });

    /// <summary>As <see cref="Of"/>, with a dash for what is empty.</summary>
    public static string OrDash(string text) => text.Length == 0 ? "-" : Of(text);
}

using System;
using System.Collections.Generic;
using System.Text;

namespace EdgeMesh.ControlPlane.Sources.Files;

/// <summary>The text of a file's bytes.</summary>
internal static class FileText
{
    private static readonly UTF8Encoding StrictUtf8 =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads the bytes as UTF-8, with or without a byte order mark.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="bytesMax">Longest file.</param>
    /// <param name="what">What it is, for messages: "a mesh".</param>
    /// <param name="errors">Gets what is wrong.</param>
    /// <returns>Null if it is no text, or too long.</returns>
    internal static string? Decode(ReadOnlySpan<byte> bytes, int bytesMax, string what, List<MeshFileError> errors)
    {
        if (bytes.Length > bytesMax)
        {
            errors.Add(new MeshFileError(
                new FilePosition(1, 1), $"{bytes.Length} bytes are too many for {what}: the limit is {bytesMax}"));
            return null;
        }

        ReadOnlySpan<byte> mark = Encoding.UTF8.Preamble;
        ReadOnlySpan<byte> content = bytes.StartsWith(mark) ? bytes[mark.Length..] : bytes;
        try
        {
            return StrictUtf8.GetString(content);
        }
        catch (DecoderFallbackException e)
        {
            int line = 1 + content[..Math.Clamp(e.Index, 0, content.Length)].Count((byte)'\n');
            errors.Add(new MeshFileError(new FilePosition(line, 1), "these bytes are no UTF-8: save the file as "
                + "UTF-8"));
            return null;
        }
    }
}
